// What became of each file of a directory, and of each name that was asked for.
#ifndef NEXUS_LOADER_REPORT_HPP
#define NEXUS_LOADER_REPORT_HPP

#include "names.hpp"

#include <chrono>

NEXUS_NAMESPACE_BEGIN

/// One file or name. The texts live as long as the report.
struct ReportEntry {
    /// The module's name, as Loader::get takes it.
    std::string_view name;
    /// The file, in the platform's bytes; empty for a name that was not found.
    std::string_view path;
    State state;
    /// NEXUS_OK, or why it did not load.
    Status status;
    /// What exactly is wrong: a NexusDetail, or 0.
    std::uint32_t detail;
    /// Why it failed or was skipped; empty when it was loaded.
    std::string_view message;
    std::chrono::nanoseconds time;

    [[nodiscard]] bool loaded() const noexcept { return state == NEXUS_STATE_LOADED; }
};

/// "loaded", "lazy", "failed", "skipped" or "missing"; "unknown" for what this header does not know.
inline const char *text_of(State state) noexcept
{
    switch (state) {
    case NEXUS_STATE_LOADED: return "loaded";
    case NEXUS_STATE_LAZY: return "lazy";
    case NEXUS_STATE_FAILED: return "failed";
    case NEXUS_STATE_SKIPPED: return "skipped";
    case NEXUS_STATE_MISSING: return "missing";
    default: return "unknown";
    }
}

/// A snapshot, in load order: `for (const nexus::ReportEntry &entry : loader.report())`.
class Report {
public:
    /// Takes over a report of the C interface.
    explicit Report(NexusReport *report) noexcept : report_(report) {}

    [[nodiscard]] std::size_t size() const noexcept { return nexus_report_count(get()); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// The entry at an index, which must be below size().
    [[nodiscard]] ReportEntry operator[](std::size_t index) const noexcept
    {
        NexusReportEntry entry;
        if (nexus_report_at(report_.get(), index, &entry) != NEXUS_OK)
            return {{}, {}, NEXUS_STATE_MISSING, NEXUS_ERR_INVALID_ARGUMENT, 0, {}, {}};
        const auto time = std::chrono::nanoseconds(static_cast<std::chrono::nanoseconds::rep>(entry.nanoseconds));
        return {entry.name, entry.path, entry.state, entry.status, entry.detail, entry.message, time};
    }

    using const_iterator = detail::Indexed<Report>;
    using iterator = const_iterator;
    using value_type = ReportEntry;
    [[nodiscard]] const_iterator begin() const noexcept { return {this, 0}; }
    [[nodiscard]] const_iterator end() const noexcept { return {this, size()}; }

    /// The entry of a module, or nothing.
    [[nodiscard]] std::optional<ReportEntry> find(std::string_view name) const noexcept
    {
        for (const ReportEntry entry : *this) {
            if (entry.name == name) return entry;
        }
        return std::nullopt;
    }

    /// What loading the module at an index did to the process, a line each.
    [[nodiscard]] result<Names> try_effects(std::size_t index) const
    {
        NexusNames *effects = nullptr;
        result<void> told = detail::check(nexus_report_effects, get(), index, &effects);
        if (!told) return std::move(told).error();
        return Names(effects);
    }
#ifndef NEXUS_NO_EXCEPTIONS
    [[nodiscard]] Names effects(std::size_t index) const { return try_effects(index).value(); }
#endif

    [[nodiscard]] const NexusReport *get() const noexcept { return report_.get(); }

private:
    detail::Handle<NexusReport, nexus_report_free> report_;
};

NEXUS_NAMESPACE_END

#endif
