// What a file is, told without running anything of it.
#ifndef NEXUS_LOADER_INSPECTION_HPP
#define NEXUS_LOADER_INSPECTION_HPP

#include "names.hpp"
#include "python.hpp"

NEXUS_NAMESPACE_BEGIN

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

    [[nodiscard]] Verdict verdict() const noexcept { return nexus_inspection_verdict(get()); }
    [[nodiscard]] bool is_module() const noexcept { return verdict() == NEXUS_VERDICT_MODULE; }
    /// The first problem: a NexusDetail or 0, a line, and what to do.
    [[nodiscard]] std::uint32_t detail() const noexcept { return nexus_inspection_detail(get()); }
    [[nodiscard]] std::string_view message() const noexcept { return nexus_inspection_message(get()); }
    [[nodiscard]] std::string_view cure() const noexcept { return nexus_inspection_cure(get()); }
    [[nodiscard]] Names problems() const noexcept { return Names(nexus_inspection_problems(get())); }

    [[nodiscard]] std::string_view judged_for() const noexcept { return nexus_inspection_judged_for(get()); }
    [[nodiscard]] std::string_view module_name() const noexcept { return nexus_inspection_module_name(get()); }
    [[nodiscard]] std::string_view init_symbol() const noexcept { return nexus_inspection_init_symbol(get()); }
    [[nodiscard]] std::string_view format() const noexcept { return nexus_inspection_format(get()); }
    [[nodiscard]] std::string_view machine() const noexcept { return nexus_inspection_machine(get()); }
    [[nodiscard]] std::string_view abi_tag() const noexcept { return nexus_inspection_abi_tag(get()); }
    [[nodiscard]] Names needed() const noexcept { return Names(nexus_inspection_needed(get())); }
    [[nodiscard]] Names missing() const noexcept { return Names(nexus_inspection_missing(get())); }
    /// Everything as text for people, and as JSON. For the rest see nexus_inspection_… in nexus_loader.h.
    [[nodiscard]] std::string_view report() const noexcept { return nexus_inspection_report(get()); }
    [[nodiscard]] std::string_view json() const noexcept { return nexus_inspection_json(get()); }

    [[nodiscard]] const NexusInspection *get() const noexcept { return inspection_.get(); }

private:
    explicit Inspection(NexusInspection *inspection) noexcept : inspection_(inspection) {}
    detail::Handle<NexusInspection, nexus_inspection_free> inspection_;
};

NEXUS_NAMESPACE_END

#endif
