// A value or an Error: what the functions return that throw nothing. As std::expected<T, Error> of C++23.
#ifndef NEXUS_LOADER_RESULT_HPP
#define NEXUS_LOADER_RESULT_HPP

#include "error.hpp"

#include <cassert>
#include <type_traits>

NEXUS_NAMESPACE_BEGIN

/// A T, or the Error why there is none.
template <class T> class [[nodiscard]] result {
public:
    using value_type = T;
    using error_type = Error;

    result(const T &value) : value_(value) {}
    result(T &&value) noexcept(std::is_nothrow_move_constructible_v<T>) : value_(std::move(value)) {}
    result(Error error) noexcept : error_(std::move(error)), nothing_() {}

    result(result &&other) noexcept(std::is_nothrow_move_constructible_v<T>) : error_(std::move(other.error_))
    {
        if (has_value()) {
            new (&value_) T(std::move(other.value_));
        } else {
            new (&nothing_) Nothing();
        }
    }
    result &operator=(result &&other) noexcept
    {
        static_assert(std::is_nothrow_move_constructible_v<T>, "a result whose value may throw cannot be assigned to");
        if (this != &other) {
            this->~result();
            new (this) result(std::move(other));
        }
        return *this;
    }
    result(const result &) = delete;
    result &operator=(const result &) = delete;
    ~result()
    {
        if (has_value()) value_.~T();
    }

    [[nodiscard]] bool has_value() const noexcept { return error_.status() == NEXUS_OK; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; there must be one.
    [[nodiscard]] T &operator*() & noexcept
    {
        assert(has_value());
        return value_;
    }
    [[nodiscard]] const T &operator*() const & noexcept
    {
        assert(has_value());
        return value_;
    }
    [[nodiscard]] T &&operator*() && noexcept
    {
        assert(has_value());
        return std::move(value_);
    }
    [[nodiscard]] T *operator->() noexcept
    {
        assert(has_value());
        return &value_;
    }
    [[nodiscard]] const T *operator->() const noexcept
    {
        assert(has_value());
        return &value_;
    }

    /// The error; there must be one.
    [[nodiscard]] Error &error() & noexcept
    {
        assert(!has_value());
        return error_;
    }
    [[nodiscard]] const Error &error() const & noexcept
    {
        assert(!has_value());
        return error_;
    }
    [[nodiscard]] Error &&error() && noexcept
    {
        assert(!has_value());
        return std::move(error_);
    }

#ifndef NEXUS_NO_EXCEPTIONS
    /// The value, or throws the error.
    [[nodiscard]] T &value() &
    {
        if (!has_value()) error_.raise();
        return value_;
    }
    [[nodiscard]] const T &value() const &
    {
        if (!has_value()) error_.raise();
        return value_;
    }
    [[nodiscard]] T value() &&
    {
        if (!has_value()) error_.raise();
        return std::move(value_);
    }
#endif

    /// The value, or another one.
    template <class U> [[nodiscard]] T value_or(U &&other) &&
    {
        return has_value() ? std::move(value_) : static_cast<T>(std::forward<U>(other));
    }
    template <class U> [[nodiscard]] T value_or(U &&other) const &
    {
        return has_value() ? value_ : static_cast<T>(std::forward<U>(other));
    }

    /// `function(value)`, which returns another result; or the error.
    template <class F> auto and_then(F &&function) && -> std::invoke_result_t<F, T &&>
    {
        if (has_value()) return std::forward<F>(function)(std::move(value_));
        return std::move(error_);
    }

    /// The result of `function(value)`; or the error.
    template <class F> auto transform(F &&function) && -> result<std::invoke_result_t<F, T &&>>
    {
        if (!has_value()) return std::move(error_);
        if constexpr (std::is_void_v<std::invoke_result_t<F, T &&>>) {
            std::forward<F>(function)(std::move(value_));
            return {};
        } else {
            return std::forward<F>(function)(std::move(value_));
        }
    }

    /// The value; or `function(error)`, which returns another result of a T.
    template <class F> result or_else(F &&function) &&
    {
        if (has_value()) return std::move(*this);
        return std::forward<F>(function)(std::move(error_));
    }

private:
    /// Zeros: gcc 12 takes the value of a failure for one that is used.
    struct Nothing {
        unsigned char zeros[sizeof(T)] = {};
    };
    Error error_;
    union {
        Nothing nothing_;
        T value_;
    };
};

/// Nothing, or the Error of what has failed.
template <> class [[nodiscard]] result<void> {
public:
    using value_type = void;
    using error_type = Error;

    result() noexcept = default;
    result(Error error) noexcept : error_(std::move(error)) {}
    result(result &&) noexcept = default;
    result &operator=(result &&) noexcept = default;
    result(const result &) = delete;
    result &operator=(const result &) = delete;
    ~result() = default;

    [[nodiscard]] bool has_value() const noexcept { return error_.status() == NEXUS_OK; }
    explicit operator bool() const noexcept { return has_value(); }
    void operator*() const noexcept { assert(has_value()); }
    [[nodiscard]] Error &error() & noexcept
    {
        assert(!has_value());
        return error_;
    }
    [[nodiscard]] const Error &error() const & noexcept
    {
        assert(!has_value());
        return error_;
    }
    [[nodiscard]] Error &&error() && noexcept
    {
        assert(!has_value());
        return std::move(error_);
    }

#ifndef NEXUS_NO_EXCEPTIONS
    /// Throws the error, if there is one.
    void value() const
    {
        if (!has_value()) error_.raise();
    }
#endif

    template <class F> auto and_then(F &&function) && -> std::invoke_result_t<F>
    {
        if (has_value()) return std::forward<F>(function)();
        return std::move(error_);
    }

private:
    Error error_;
};

namespace detail {

/// Calls a C function with a place for its error, which comes last.
template <class... Parameters, class... Arguments>
inline result<void> check(NexusStatus (*function)(Parameters...), Arguments... arguments)
{
    NexusError *error = nullptr;
    const NexusStatus status = function(arguments..., &error);
    if (status == NEXUS_OK) return {};
    return Error(status, error);
}

/// The same error, about a part of what it was about.
inline Error within(const std::string &part, Error error)
{
    // What Python raised is not ours to change.
    if (error.status() != NEXUS_ERR_TYPE && error.status() != NEXUS_ERR_OVERFLOW) return error;
    std::string message = part;
    message.append(": ").append(error.message());
    return Error(error.status(), message);
}

} // namespace detail

NEXUS_NAMESPACE_END

#endif
