// What a file is, told without running anything of it.
#ifndef NEXUS_LOADER_INSPECTION_HPP
#define NEXUS_LOADER_INSPECTION_HPP

#include "names.hpp"
#include "python.hpp"

NEXUS_NAMESPACE_BEGIN

/// A list of texts of an inspection, which live as long as it.
class Texts {
public:
    explicit Texts(const NexusTextList &list) noexcept : list_(list) {}
    [[nodiscard]] std::size_t size() const noexcept { return list_.count; }
    [[nodiscard]] bool empty() const noexcept { return list_.count == 0; }
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept { return list_.items[index]; }
    [[nodiscard]] const char *const *begin() const noexcept { return list_.items; }
    [[nodiscard]] const char *const *end() const noexcept { return list_.items + list_.count; }

private:
    NexusTextList list_;
};

/// A file as it was found: a module, a helper library, or nothing that can be loaded, and why. The texts live
/// as long as the inspection.
class Inspection {
public:
    /// For the Python that runs, or would be started; or for another version, such as 0x030c00 for 3.12.
    [[nodiscard]] static result<Inspection> try_inspect(const detail::path &file, std::uint32_t python_version = 0)
    {
        NexusInspection *inspection = nullptr;
        result<void> outcome = detail::check(nexus_inspect_for, static_cast<const char *>(file), python_version, &inspection);
        if (!outcome) return std::move(outcome).error();
        return Inspection(inspection);
    }
#ifndef NEXUS_NO_EXCEPTIONS
    explicit Inspection(const detail::path &file, std::uint32_t python_version = 0)
        : Inspection(try_inspect(file, python_version).value())
    {
    }
#endif

    /// All that was found out, in one struct; its texts are NULL if the inspection was moved from.
    [[nodiscard]] NexusInspectionFacts facts() const noexcept
    {
        NexusInspectionFacts facts = {};
        facts.struct_size = sizeof facts;
        nexus_inspection_facts(get(), &facts, nullptr);
        return facts;
    }

    [[nodiscard]] Verdict verdict() const noexcept { return facts().verdict; }
    [[nodiscard]] bool is_module() const noexcept { return verdict() == NEXUS_VERDICT_MODULE; }
    /// The first problem: a NexusDetail or 0, a line, and what to do.
    [[nodiscard]] std::uint32_t detail() const noexcept { return facts().detail; }
    [[nodiscard]] std::string_view message() const noexcept { return view(facts().message); }
    [[nodiscard]] std::string_view cure() const noexcept { return view(facts().cure); }
    [[nodiscard]] Texts problems() const noexcept { return Texts(facts().problems); }

    [[nodiscard]] std::string_view judged_for() const noexcept { return view(facts().judged_for); }
    [[nodiscard]] std::string_view module_name() const noexcept { return view(facts().module_name); }
    [[nodiscard]] std::string_view init_symbol() const noexcept { return view(facts().init_symbol); }
    [[nodiscard]] std::string_view format() const noexcept { return view(facts().format); }
    [[nodiscard]] std::string_view machine() const noexcept { return view(facts().machine); }
    [[nodiscard]] std::string_view abi_tag() const noexcept { return view(facts().abi_tag); }
    [[nodiscard]] Texts needed() const noexcept { return Texts(facts().needed); }
    [[nodiscard]] Texts missing() const noexcept { return Texts(facts().missing); }
    /// Everything as text for people, and as JSON.
    [[nodiscard]] std::string_view report() const noexcept { return nexus_inspection_report(get()); }
    [[nodiscard]] std::string_view json() const noexcept { return nexus_inspection_json(get()); }

    [[nodiscard]] const NexusInspection *get() const noexcept { return inspection_.get(); }

private:
    static std::string_view view(const char *text) noexcept { return text ? text : std::string_view(); }
    explicit Inspection(NexusInspection *inspection) noexcept : inspection_(inspection) {}
    detail::Handle<NexusInspection, nexus_inspection_free> inspection_;
};

NEXUS_NAMESPACE_END

#endif
