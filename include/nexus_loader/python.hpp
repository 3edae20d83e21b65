// The Python of the process: starting it, importing, holding the GIL, the log.
#ifndef NEXUS_LOADER_PYTHON_HPP
#define NEXUS_LOADER_PYTHON_HPP

#include "names.hpp"
#include "object.hpp"

NEXUS_NAMESPACE_BEGIN

namespace detail {

/// An older library under newer headers would lack functions, or fill in less.
inline result<void> check_version()
{
    if (version_fits()) return {};
    return Error(NEXUS_ERR_ENGINE, std::string("this program was compiled for nexus_loader " NEXUS_VERSION_STRING
                                               ", the library that runs is ") + version() +
                                       ": install that version, or compile the program again");
}

/// A path for the C functions, of whatever has c_str(): const char *, std::string, std::filesystem::path.
class path {
public:
    path(const char *text) noexcept : text_(text) {}
    template <class T, class = std::enable_if_t<std::is_same_v<decltype(std::declval<const T &>().c_str()), const char *>>>
    path(const T &text) noexcept : text_(text.c_str())
    {
    }
    operator const char *() const noexcept { return text_; }

private:
    const char *text_;
};

/// Pointers to strings, for C.
inline std::vector<const char *> pointers(const std::vector<std::string> &strings)
{
    std::vector<const char *> all;
    all.reserve(strings.size());
    for (const std::string &string : strings) all.push_back(string.c_str());
    return all;
}

} // namespace detail

/// Which Python to start, and how.
class Config {
public:
    /// An interpreter, a virtual environment, an installation prefix or a libpython file.
    Config &python(const detail::path &which) { return python_ = which, *this; }
    /// `sys.argv`.
    Config &argv(std::vector<std::string> strings) { return argv_ = std::move(strings), *this; }
    /// Start without `site`: no site-packages.
    Config &no_site() noexcept { return flags_ |= NEXUS_PYTHON_NO_SITE, *this; }
    /// Honour PYTHONHOME, PYTHONPATH and the other inherited PYTHON… variables.
    Config &use_environment() noexcept { return flags_ |= NEXUS_PYTHON_USE_ENVIRONMENT, *this; }

    /// Calls a C function with it.
    template <class F> auto with(F &&function) const
    {
        const std::vector<const char *> argv = detail::pointers(argv_);
        NexusPythonConfig config = {};
        config.struct_size = sizeof config;
        config.flags = flags_;
        config.python = python_ ? python_->c_str() : nullptr;
        config.argv = argv.empty() ? nullptr : argv.data();
        config.argv_count = argv.size();
        return function(static_cast<const NexusPythonConfig *>(&config));
    }

private:
    std::optional<std::string> python_;
    std::vector<std::string> argv_;
    std::uint32_t flags_ = 0;
};

/// Starts Python; everything else starts it, with the defaults, when it is needed first.
inline result<void> try_start(const Config &config = Config())
{
    result<void> fits = detail::check_version();
    if (!fits) return fits;
    return config.with([](const NexusPythonConfig *it) { return detail::check(nexus_python_start, it); });
}

/// Every Python that try_start would look at, one line each: where it is from, why it is taken or refused.
[[nodiscard]] inline result<Names> try_search(const Config &config = Config())
{
    NexusNames *candidates = nullptr;
    result<void> searched = config.with([&](const NexusPythonConfig *it) { return detail::check(nexus_python_search, it, &candidates); });
    if (!searched) return std::move(searched).error();
    return Names(candidates);
}

/// Which Python runs, and why this one. The texts live as long as the process.
[[nodiscard]] inline result<NexusPythonInfo> try_python()
{
    NexusPythonInfo info = {};
    info.struct_size = sizeof info;
    result<void> told = detail::check(nexus_python_info, &info);
    if (!told) return std::move(told).error();
    return info;
}

/// Imports a module by its dotted name.
[[nodiscard]] inline result<Module> try_import_module(const detail::name &name)
{
    result<void> fits = detail::check_version();
    if (!fits) return std::move(fits).error();
    NexusObject *module = nullptr;
    fits = detail::check(nexus_import, static_cast<const char *>(name), &module);
    if (!fits) return std::move(fits).error();
    return Module(module);
}

/// Holds the GIL on this thread as long as it lives, so that many calls pay for it once. Other threads cannot
/// run Python meanwhile.
class attach {
public:
    static result<attach> try_attach()
    {
        result<void> attached = detail::check(nexus_python_attach);
        if (!attached) return std::move(attached).error();
        return attach(true);
    }
#ifndef NEXUS_NO_EXCEPTIONS
    attach() : attach(try_attach().value()) {}
#endif
    attach(attach &&other) noexcept : attached_(std::exchange(other.attached_, false)) {}
    attach &operator=(attach &&) = delete;
    attach(const attach &) = delete;
    attach &operator=(const attach &) = delete;
    ~attach()
    {
        if (attached_) nexus_python_detach(nullptr);
    }

private:
    explicit attach(bool attached) noexcept : attached_(attached) {}
    bool attached_;
};

/// A number for this thread, for try_interrupt; 0 before Python has started.
inline std::uint64_t thread_id() noexcept { return nexus_thread_id(); }
/// Raises KeyboardInterrupt in the Python code that another thread runs in a call of this library.
inline result<void> try_interrupt(std::uint64_t thread) { return detail::check(nexus_thread_interrupt, thread); }

/// Sends the log to a function: `nexus::log(NEXUS_LOG_INFO, [](nexus::LogLevel, std::string_view line) { … })`. It is
/// called on any thread, must not wait for one that calls nexus functions, and is never destroyed, since a
/// call may be under way; what it throws is ignored.
template <class F> void log(LogLevel level, F function)
{
    // Where a leak checker finds it.
    static std::vector<std::unique_ptr<F>> kept;
    kept.push_back(std::make_unique<F>(std::move(function)));
    const NexusLogCallback callback = [](std::uint32_t weight, const char *text, void *self) {
#ifndef NEXUS_NO_EXCEPTIONS
        try {
            (*static_cast<F *>(self))(static_cast<LogLevel>(weight), std::string_view(text));
        } catch (...) {
        }
#else
        (*static_cast<F *>(self))(static_cast<LogLevel>(weight), std::string_view(text));
#endif
    };
    nexus_log_set(callback, kept.back().get(), level);
}
/// Sends the log to stderr again; a level of 0 is silence.
inline void log(std::uint32_t level) noexcept { nexus_log_set(nullptr, nullptr, level); }

#ifndef NEXUS_NO_EXCEPTIONS
inline void start(const Config &config = Config()) { try_start(config).value(); }
[[nodiscard]] inline Names search(const Config &config = Config()) { return try_search(config).value(); }
[[nodiscard]] inline NexusPythonInfo python() { return try_python().value(); }
[[nodiscard]] inline Module import_module(const detail::name &name) { return try_import_module(name).value(); }
inline void interrupt(std::uint64_t thread) { try_interrupt(thread).value(); }
#endif

NEXUS_NAMESPACE_END

#endif
