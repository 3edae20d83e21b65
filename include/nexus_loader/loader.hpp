// nexus::Loader: the modules of a directory.
#ifndef NEXUS_LOADER_LOADER_HPP
#define NEXUS_LOADER_LOADER_HPP

#include "names.hpp"
#include "object.hpp"
#include "python.hpp"
#include "report.hpp"

#include <exception>
#include <functional>
#include <mutex>
#include <thread>

NEXUS_NAMESPACE_BEGIN

/// What is told after each module that was to load.
struct Progress {
    std::size_t index;
    std::size_t total;
    std::string_view name;
    State state;
    std::chrono::nanoseconds time;
};

/// How to open a directory: `nexus::Options().lazy().modules({"crypto"})`.
class Options {
public:
    /// Find the modules now, and load each when it is first got.
    Options &lazy() noexcept { return flag(NEXUS_LOADER_LAZY); }
    /// Descend into packages and folders.
    Options &recursive() noexcept { return flag(NEXUS_LOADER_RECURSIVE); }
    /// Import each module in a child process first.
    Options &trial() noexcept { return flag(NEXUS_LOADER_TRIAL); }
    /// The same; and how long one module may take.
    Options &trial(std::chrono::milliseconds limit) noexcept
    {
        trial_milliseconds_ = static_cast<std::uint32_t>(limit.count());
        return trial();
    }
    /// Open only what the directory's SHA256SUMS names.
    Options &verify() noexcept { return flag(NEXUS_LOADER_VERIFY); }
    /// Open only what this list of checksums names.
    Options &verify(const detail::path &allow_list) { return allow_list_ = allow_list, verify(); }
    /// With verify: refuse what others than root and this user own or may write.
    Options &strict() noexcept { return flag(NEXUS_LOADER_STRICT); }
    /// Call `cleanup()` of each module that has one when the Loader is destroyed.
    Options &cleanup() noexcept { return flag(NEXUS_LOADER_CLEANUP_ON_FREE); }
    /// Only these, in this order: dotted names, stems, or patterns with *, ? and […].
    Options &modules(std::vector<std::string> names) { return modules_ = std::move(names), *this; }
    /// Asked before a module loads whether it may, with its name and file. Called on the thread that opens
    /// the loader, or gets a lazy module; what it throws comes out there, and the module is not loaded.
    Options &filter(std::function<bool(std::string_view name, std::string_view path)> function)
    {
        return filter_ = std::move(function), *this;
    }
    /// Told after each module, on that thread too; returns whether to go on (void: always). What it throws
    /// comes out there, and no further module is loaded.
    template <class F> Options &progress(F function)
    {
        if constexpr (std::is_void_v<std::invoke_result_t<F &, const Progress &>>) {
            progress_ = [told = std::move(function)](const Progress &it) mutable { return told(it), true; };
        } else {
            progress_ = std::move(function);
        }
        return *this;
    }

private:
    friend class Loader;
    std::uint32_t flags_ = 0;
    std::uint32_t trial_milliseconds_ = 0;
    std::optional<std::string> allow_list_;
    std::optional<std::vector<std::string>> modules_;
    std::function<bool(std::string_view, std::string_view)> filter_;
    std::function<bool(const Progress &)> progress_;

    Options &flag(std::uint32_t which) noexcept { return flags_ |= which, *this; }
};

/// A directory of modules that was opened. Opening it **runs the code of the modules**; one that fails does
/// not hinder the others, and report() tells of each. One that was moved from has no modules and no path.
class Loader {
public:
    /// Opens a directory: all its modules, or as the options say.
    [[nodiscard]] static result<Loader> try_open(const detail::path &directory, Options options = Options())
    {
        result<void> outcome = detail::check_version();
        if (!outcome) return std::move(outcome).error();
        auto hooks = std::make_unique<Hooks>();
        hooks->filter = std::move(options.filter_);
        hooks->progress = std::move(options.progress_);
        const std::vector<const char *> modules = options.modules_ ? detail::pointers(*options.modules_) : std::vector<const char *>();
        const char *const none = nullptr;
        NexusLoaderOptions given = {};
        given.struct_size = sizeof given;
        given.flags = options.flags_;
        given.modules = options.modules_ ? (modules.empty() ? &none : modules.data()) : nullptr;
        given.module_count = modules.size();
        given.filter = hooks->filter ? Hooks::ask : nullptr;
        given.progress = hooks->progress ? Hooks::tell : nullptr;
        given.user_data = hooks.get();
        given.trial_milliseconds = options.trial_milliseconds_;
        given.allow_list = options.allow_list_ ? options.allow_list_->c_str() : nullptr;
        NexusLoader *loader = nullptr;
        outcome = detail::check(nexus_loader_open, static_cast<const char *>(directory), static_cast<const NexusLoaderOptions *>(&given), &loader);
        Loader opened(loader, std::move(hooks));
        opened.hooks_->rethrow();
        if (!outcome) return std::move(outcome).error();
        return opened;
    }

    /// A module, loaded now if it is lazy; see nexus_loader_get for the errors.
    [[nodiscard]] result<Module> try_get(const detail::name &name) const
    {
        NexusObject *module = nullptr;
        result<void> got = detail::check(nexus_loader_get, get(), static_cast<const char *>(name), &module);
        Module wanted(module);
        if (hooks_) hooks_->rethrow();
        if (!got) return std::move(got).error();
        return wanted;
    }
    /// The names of the modules that can be got, in load order.
    [[nodiscard]] result<Names> try_names() const
    {
        NexusNames *names = nullptr;
        result<void> listed = detail::check(nexus_loader_list, get(), &names);
        if (!listed) return std::move(listed).error();
        return Names(names);
    }
    /// The names that were asked for, or nothing when all were.
    [[nodiscard]] result<std::optional<Names>> try_requested() const
    {
        NexusNames *names = nullptr;
        result<void> listed = detail::check(nexus_loader_requested, get(), &names);
        if (!listed) return std::move(listed).error();
        return names ? std::optional<Names>(Names(names)) : std::optional<Names>();
    }
    /// What became of each file and each name that was asked for.
    [[nodiscard]] result<Report> try_report() const
    {
        NexusReport *report = nullptr;
        result<void> made = detail::check(nexus_loader_report, get(), &report);
        if (!made) return std::move(made).error();
        return Report(report);
    }

    /// Whether get would give a module for that name, as far as is known.
    [[nodiscard]] bool contains(const detail::name &name) const noexcept { return nexus_loader_contains(get(), name); }
    /// How many names there are.
    [[nodiscard]] std::size_t size() const noexcept { return nexus_loader_count(get()); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// The directory, as it was given.
    [[nodiscard]] std::string_view path() const noexcept { return detail::view(nexus_loader_bin_path(get())); }
    /// A line for people: NexusLoader(bin_path='/opt/app/modules', loaded=5 modules).
    [[nodiscard]] std::string_view describe() const noexcept { return detail::view(nexus_loader_describe(get())); }

#ifndef NEXUS_NO_EXCEPTIONS
    explicit Loader(const detail::path &directory, Options options = Options())
        : Loader(try_open(directory, std::move(options)).value())
    {
    }
    /// Only these modules.
    Loader(const detail::path &directory, std::vector<std::string> modules)
        : Loader(directory, std::move(Options().modules(std::move(modules))))
    {
    }
    [[nodiscard]] Module get(const detail::name &name) const { return try_get(name).value(); }
    [[nodiscard]] Module operator[](const detail::name &name) const { return get(name); }
    [[nodiscard]] Names names() const { return try_names().value(); }
    [[nodiscard]] std::optional<Names> requested() const { return try_requested().value(); }
    [[nodiscard]] Report report() const { return try_report().value(); }

    /// `for (std::string_view name : loader)`: the names, as they are now.
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = std::string_view;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = std::string_view;

        iterator() noexcept = default;
        explicit iterator(Names names) : names_(std::make_shared<Names>(std::move(names))), left_(names_->size()) {}
        reference operator*() const noexcept { return (*names_)[names_->size() - left_]; }
        iterator &operator++() noexcept { return --left_, *this; }
        iterator operator++(int) noexcept
        {
            iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const iterator &a, const iterator &b) noexcept { return a.left_ == b.left_; }
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return a.left_ != b.left_; }

    private:
        std::shared_ptr<Names> names_;
        std::size_t left_ = 0;
    };
    [[nodiscard]] iterator begin() const { return iterator(names()); }
    [[nodiscard]] iterator end() const noexcept { return iterator(); }
#endif

    [[nodiscard]] const NexusLoader *get() const noexcept { return loader_.get(); }

private:
    /// The functions of the options; C has a pointer to it.
    struct Hooks {
        std::function<bool(std::string_view, std::string_view)> filter;
        std::function<bool(const Progress &)> progress;

        static std::int32_t ask(const char *name, const char *path, void *self) noexcept
        {
            auto &hooks = *static_cast<Hooks *>(self);
            return hooks.guard([&] { return hooks.filter(name, path); });
        }
        static std::int32_t tell(std::size_t index, std::size_t total, const char *name, std::uint32_t state,
                                 std::uint64_t nanoseconds, void *self) noexcept
        {
            auto &hooks = *static_cast<Hooks *>(self);
            const auto time = std::chrono::nanoseconds(static_cast<std::chrono::nanoseconds::rep>(nanoseconds));
            return !hooks.guard([&] { return hooks.progress({index, total, name, static_cast<State>(state), time}); });
        }

#ifndef NEXUS_NO_EXCEPTIONS
        /// No exception may cross the C functions: it is kept, and thrown again behind them.
        template <class F> bool guard(F &&function) noexcept
        {
            try {
                return function();
            } catch (...) {
                const std::lock_guard<std::mutex> lock(mutex);
                // The first one counts. An allocation that fails here ends the program: this is noexcept.
                for (const auto &entry : thrown) {
                    if (entry.first == std::this_thread::get_id()) return false;
                }
                thrown.emplace_back(std::this_thread::get_id(), std::current_exception());
                return false;
            }
        }
        void rethrow()
        {
            std::exception_ptr mine;
            if (filter || progress) {
                const std::lock_guard<std::mutex> lock(mutex);
                for (auto entry = thrown.begin(); entry != thrown.end(); ++entry) {
                    if (entry->first == std::this_thread::get_id()) {
                        mine = entry->second;
                        thrown.erase(entry);
                        break;
                    }
                }
            }
            if (mine) std::rethrow_exception(mine);
        }
        std::mutex mutex;
        std::vector<std::pair<std::thread::id, std::exception_ptr>> thrown;
#else
        template <class F> bool guard(F &&function) noexcept { return function(); }
        void rethrow() noexcept {}
#endif
    };

    Loader(NexusLoader *loader, std::unique_ptr<Hooks> hooks) noexcept : hooks_(std::move(hooks)), loader_(loader) {}

    // In this order: the loader, which uses them, is freed first.
    std::unique_ptr<Hooks> hooks_;
    detail::Handle<NexusLoader, nexus_loader_free> loader_;
};

NEXUS_NAMESPACE_END

#endif
