// What went wrong: nexus::Error, the value and the exception.
#ifndef NEXUS_LOADER_ERROR_HPP
#define NEXUS_LOADER_ERROR_HPP

#include "config.hpp"

#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

NEXUS_NAMESPACE_BEGIN

class Error;
class Object;
template <class T> class result;

namespace detail {

/// What the copies of an Error share.
struct Facts {
    NexusError *reported;
    std::string text;

    explicit Facts(NexusError *error) noexcept : reported(error) {}
    Facts(const Facts &) = delete;
    Facts &operator=(const Facts &) = delete;
    ~Facts() { nexus_error_free(reported); }
};

} // namespace detail

/// A failure with all that is known about it. What is thrown is an Error and also a standard exception:
/// std::invalid_argument for a wrong value or type, std::out_of_range for a number that does not fit (as
/// std::stoi has it), std::bad_alloc, and std::runtime_error for all others.
class NEXUS_VISIBLE Error {
public:
    /// Takes over what a C function has returned and reported; `reported` may be null.
    Error(Status status, NexusError *reported)
        : facts_(make(reported)), status_(status != NEXUS_OK ? status : NEXUS_ERR_INVALID_ARGUMENT)
    {
        const std::string_view exception = type();
        facts_->text.append(exception).append(exception.empty() ? "" : ": ").append(message());
    }

    /// A failure of the program's own. `message`: UTF-8.
    Error(Status status, const std::string &message) : Error(made(status, message.c_str())) {}

    /// What kind of failure; NEXUS_ERR_EXCEPTION when Python raised one.
    [[nodiscard]] Status status() const noexcept { return status_; }

    /// What exactly is wrong with a file or module: a NexusDetail, or 0.
    [[nodiscard]] std::uint32_t detail() const noexcept { return nexus_error_detail(get()); }

    /// The exception's type, where there is one, and the message. UTF-8.
    [[nodiscard]] const char *what() const noexcept { return facts_ ? facts_->text.c_str() : nexus_status_string(status_); }

    /// What was wrong, with what, and what to do about it. UTF-8. As all texts here, valid as long as the
    /// Error or a copy of it.
    [[nodiscard]] std::string_view message() const noexcept
    {
        return get() ? nexus_error_message(get()) : nexus_status_string(status_);
    }

    /// The type of the Python exception, such as "builtins.ValueError"; empty when none was raised.
    [[nodiscard]] std::string_view type() const noexcept { return nexus_error_exception(get()); }

    /// The traceback as Python prints it, with the chained causes; empty when no exception was raised.
    [[nodiscard]] std::string_view traceback() const noexcept { return nexus_error_traceback(get()); }

    /// The module that it is about; empty when there is none.
    [[nodiscard]] std::string_view module() const noexcept { return nexus_error_module(get()); }

    /// The file or directory that it is about, in the platform's bytes; empty when there is none.
    [[nodiscard]] std::string_view path() const noexcept { return nexus_error_path(get()); }

    /// What the dynamic linker said; empty when it is not behind this.
    [[nodiscard]] std::string_view linker() const noexcept { return nexus_error_linker(get()); }

    /// Whether Python raised that exception: `error.is("builtins.KeyError")`. The class itself, not its bases.
    [[nodiscard]] bool is(std::string_view exception) const noexcept { return type() == exception; }

    /// The exception object, for what the texts do not tell: the errno of an OSError, say.
    /// NEXUS_ERR_NOT_FOUND when it comes from no Python exception.
    [[nodiscard]] inline result<Object> try_exception() const;
    /// What caused it (`raise … from …`), or what was being handled; nothing at the end of the chain.
    [[nodiscard]] inline result<std::optional<Error>> try_cause() const;
    /// The notes of the exception (PEP 678); none for most.
    [[nodiscard]] inline result<std::vector<std::string>> try_notes() const;
    /// The exceptions of an exception group (PEP 654); none if it is no group.
    [[nodiscard]] inline result<std::vector<Error>> try_members() const;

#ifndef NEXUS_NO_EXCEPTIONS
    [[nodiscard]] inline Object exception() const;
    [[nodiscard]] inline std::optional<Error> cause() const;
    [[nodiscard]] inline std::vector<std::string> notes() const;
    [[nodiscard]] inline std::vector<Error> members() const;

    /// Throws it, with the right standard base; `throw error` would throw it without one.
    [[noreturn]] inline void raise() const;
#endif

    /// The C handle, which stays this object's.
    [[nodiscard]] const NexusError *get() const noexcept { return facts_ ? facts_->reported : nullptr; }

    /// For functions that Python calls: hands the failure over to C, and returns its status.
    NEXUS_COLD Status hand_over(NexusError **error) noexcept
    {
        if (facts_.use_count() == 1 && facts_->reported) {
            *error = std::exchange(facts_->reported, nullptr);
            return status_;
        }
        NexusObject *exception = nullptr;
        if (nexus_error_object(get(), &exception, nullptr) == NEXUS_OK) {
            const Status described = nexus_error_describe(exception, error, nullptr);
            nexus_object_free(exception);
            if (described == NEXUS_OK) return status_;
        }
        const std::string_view text = message();
        return nexus_error_new(status_, text.data(), error);
    }

private:
    template <class T> friend class result;
    std::shared_ptr<detail::Facts> facts_;
    Status status_;

    /// No error: what a result has in its place. All zero, so that no compiler fears for it.
    Error() noexcept : status_(NEXUS_OK) {}

    static std::shared_ptr<detail::Facts> make(NexusError *reported)
    {
        // Whoever throws here has freed it.
        auto facts = std::unique_ptr<NexusError, void (*)(NexusError *)>(reported, nexus_error_free);
        auto shared = std::make_shared<detail::Facts>(nullptr);
        shared->reported = facts.release();
        return shared;
    }

    static Error made(Status status, const char *message)
    {
        NexusError *error = nullptr;
        const Status outcome = nexus_error_new(status, message, &error);
        return Error(outcome, error);
    }
};

#ifndef NEXUS_NO_EXCEPTIONS

/// What is thrown: an Error that is also a standard exception.
template <class Base> class NEXUS_VISIBLE Raised final : public Base, public Error {
public:
    explicit Raised(const Error &error) : Base(base(error)), Error(error) {}
    [[nodiscard]] const char *what() const noexcept override { return Error::what(); }

private:
    static Base base(const Error &error)
    {
        if constexpr (std::is_constructible_v<Base, const char *>) {
            return Base(error.what());
        } else {
            return (void)error, Base();
        }
    }
};

inline void Error::raise() const
{
    switch (status_) {
    case NEXUS_ERR_INVALID_ARGUMENT:
    case NEXUS_ERR_BAD_HANDLE:
    case NEXUS_ERR_TYPE:
        throw Raised<std::invalid_argument>(*this);
    case NEXUS_ERR_OVERFLOW:
        throw Raised<std::out_of_range>(*this);
    case NEXUS_ERR_NO_MEMORY:
        throw Raised<std::bad_alloc>(*this);
    default:
        throw Raised<std::runtime_error>(*this);
    }
}

#endif

/// The Error of a Python exception of any class, for functions that Python calls:
/// `return nexus::python_exception("builtins.KeyError", "no such user");` in one that returns a result. Looks the
/// class up, and so may run Python code.
inline Error python_exception(const char *type, const std::string &message)
{
    NexusError *error = nullptr;
    const Status status = nexus_error_raise(type, message.c_str(), &error);
    return Error(status, error);
}

#ifndef NEXUS_NO_EXCEPTIONS
/// Throws that Error.
[[noreturn]] inline void raise(const char *type, const std::string &message)
{
    python_exception(type, message).raise();
}
#endif

NEXUS_NAMESPACE_END

#endif
