// Arguments of a call, and the call.
#ifndef NEXUS_LOADER_ARGUMENTS_HPP
#define NEXUS_LOADER_ARGUMENTS_HPP

#include "object.hpp"
#include "scalars.hpp"

NEXUS_NAMESPACE_BEGIN

/// A keyword argument, made by `kw("name") = value`. A value that is no temporary is not copied.
template <class T> struct keyword {
    const char *name;
    T value;
};

/// The name of a keyword argument: `f(1, nexus::kw("base") = 16)`. The name is not copied.
class kw {
public:
    constexpr explicit kw(const char *name) noexcept : name_(name) {}
    template <class T> constexpr auto operator=(T &&value) const
    {
        if constexpr (std::is_lvalue_reference_v<T &&>) {
            return keyword<const std::remove_reference_t<T> &>{name_, value};
        } else {
            return keyword<T>{name_, std::forward<T>(value)};
        }
    }

private:
    const char *name_;
};

namespace literals {
/// `f(1, "base"_kw = 16)`
constexpr kw operator""_kw(const char *name, std::size_t) noexcept { return kw(name); }
} // namespace literals

namespace detail {

template <class T> struct is_keyword : std::false_type {};
template <class T> struct is_keyword<keyword<T>> : std::true_type {};

template <class T> struct argument {
    using type = T;
    static const T &value(const T &given) noexcept { return given; }
};
template <class T> struct argument<keyword<T>> {
    using type = plain_type<T>;
    static const type &value(const keyword<T> &given) noexcept { return given.value; }
};

template <class... Arguments> constexpr std::size_t keywords_among = (std::size_t{is_keyword<Arguments>::value} + ... + 0);

/// Whether no positional argument comes after a keyword.
template <class... Arguments> constexpr bool keywords_come_last()
{
    [[maybe_unused]] bool seen = false;
    bool right = true;
    ((seen = seen || is_keyword<Arguments>::value, right = right && seen == is_keyword<Arguments>::value), ...);
    return right;
}

struct KeepNothing {};

/// The arguments of a call as C values.
template <class... Arguments> class Pack {
public:
    static constexpr std::size_t keywords = keywords_among<Arguments...>;
    static constexpr std::size_t positional = sizeof...(Arguments) - keywords;
    static constexpr bool attaches = (makes_several<typename argument<Arguments>::type>::value || ...);
    static_assert(keywords_come_last<Arguments...>(), "keyword arguments come after all others");

    /// As C functions do it: cannot fail, and costs nothing, if all are plain.
    Status fill(NexusError **error, const Arguments &...arguments)
    {
        return fill(error, std::index_sequence_for<Arguments...>(), arguments...);
    }

    [[nodiscard]] const NexusValue *values() const noexcept { return sizeof...(Arguments) > 0 ? values_ : nullptr; }
    [[nodiscard]] const char *const *names() const noexcept { return names_; }

private:
    static constexpr bool plain = (is_plain<typename argument<Arguments>::type>::value && ...);
    NexusValue values_[sizeof...(Arguments) + 1];
    const char *names_[keywords + 1];
    // Not there where nothing is kept: what the C functions see of this, the compiler takes for changed.
    std::conditional_t<plain, KeepNothing, Keep> keep_;

    template <std::size_t... Index>
    Status fill([[maybe_unused]] NexusError **error, std::index_sequence<Index...>, [[maybe_unused]] const Arguments &...arguments)
    {
        (put_name<Index>(arguments), ...);
        if constexpr (plain) {
            ((values_[Index] = writer<typename argument<Arguments>::type>::make(argument<Arguments>::value(arguments))), ...);
            return NEXUS_OK;
        } else {
            Status status = NEXUS_OK;
            (void)((status = put<Index>(error, arguments), status == NEXUS_OK) && ...);
            return status;
        }
    }

    template <std::size_t Index, class T> Status put(NexusError **error, const T &given)
    {
        if constexpr (is_plain<typename argument<T>::type>::value) {
            values_[Index] = writer<typename argument<T>::type>::make(argument<T>::value(given));
            return NEXUS_OK;
        } else {
            result<void> written = write(argument<T>::value(given), values_[Index], keep_);
            if (written) return NEXUS_OK;
            return within("argument " + std::to_string(Index + 1), std::move(written).error()).hand_over(error);
        }
    }

    template <std::size_t Index, class T> void put_name([[maybe_unused]] const T &given) noexcept
    {
        if constexpr (is_keyword<T>::value) names_[Index - positional] = given.name;
    }
};

/// The value that a call has returned, which it takes over.
template <class R> inline result<R> returned(NexusValue &value)
{
    if constexpr (std::is_void_v<R>) {
        if (holds(value)) nexus_value_clear(&value);
        return {};
    } else {
        static_assert(!is_view<R>::value, "a view of the result would dangle: ask for a copy (std::string, "
                                          "nexus::bytes), or for a nexus::Object and then its as<std::string_view>()");
        result<R> read = take<R>(value);
        if (holds(value)) nexus_value_clear(&value);
        return read;
    }
}

#ifndef NEXUS_NO_EXCEPTIONS
[[noreturn]] NEXUS_COLD inline void raise(Status status, NexusError *error) { Error(status, error).raise(); }

/// The same, throwing; the way of most calls, without a result in between.
template <class R> inline R returned_or_thrown(NexusValue &value)
{
    if constexpr (std::is_void_v<R>) {
        if (holds(value)) nexus_value_clear(&value);
    } else if constexpr (has_quick<R>::value) {
        R it;
        if (reader<R>::quick(value, it)) return it;
        return returned<R>(value).value();
    } else {
        return returned<R>(value).value();
    }
}
#endif

/// A call, as C functions are: an object's method, or the object itself where `method` is null.
template <class Packed>
inline Status call_c(const NexusObject *object, const char *method, const Packed &pack, NexusValue *value, NexusError **error)
{
    if constexpr (Packed::keywords == 0) {
        return method ? nexus_object_call_method(object, method, pack.values(), Packed::positional, value, error)
                      : nexus_object_call(object, pack.values(), Packed::positional, value, error);
    } else {
        const auto call = [&](const NexusObject *callable) {
            return nexus_object_call_keywords(callable, pack.values(), Packed::positional, pack.names(),
                                              pack.values() + Packed::positional, Packed::keywords, value, error);
        };
        if (!method) return call(object);
        NexusValue bound;
        Status status = nexus_object_attr(object, method, &bound, error);
        if (status != NEXUS_OK) return status;
        NexusObject *callable = nullptr;
        // What has no handle cannot be called, but Python is to say so.
        if (bound.kind != NEXUS_KIND_OBJECT) status = nexus_object_new(&bound, &callable, error);
        if (status == NEXUS_OK) status = call(callable ? callable : bound.as.object);
        nexus_object_free(callable);
        nexus_value_clear(&bound);
        return status;
    }
}

/// The same of any value, with C++ arguments.
template <class... Arguments>
inline Status call_on(const NexusValue &self, const char *method, NexusValue *value, NexusError **error, const Arguments &...arguments)
{
    Pack<Arguments...> pack;
    Status status = pack.fill(error, arguments...);
    if (status != NEXUS_OK) return status;
    if (self.kind == NEXUS_KIND_OBJECT) return call_c(self.as.object, method, pack, value, error);
    NexusObject *made = nullptr;
    status = nexus_object_new(&self, &made, error);
    if (status == NEXUS_OK) status = call_c(made, method, pack, value, error);
    nexus_object_free(made);
    return status;
}

template <class R, class... Arguments>
inline result<R> try_invoke(const NexusValue &self, const char *method, const Arguments &...arguments)
{
    [[maybe_unused]] const Attached<Pack<Arguments...>::attaches || reads_several<R>::value> attached;
    NexusValue value;
    NexusError *error = nullptr;
    const Status status = call_on(self, method, &value, &error, arguments...);
    if (status != NEXUS_OK) return Error(status, error);
    return returned<R>(value);
}

#ifndef NEXUS_NO_EXCEPTIONS
/// The object that `call(value, error)` returns. The one that is returned is the one that C has written to: gcc
/// before 14 sees to that only for a variable of the outermost block.
template <class Call> inline Object invoke_for_object(Call &&call)
{
    Object object;
    NexusError *error = nullptr;
    const Status status = call(Slot::of(object), &error);
    if (status != NEXUS_OK) raise(status, error);
    return object;
}

/// What it returns as an R.
template <class R, bool Attaches, class Call> inline R invoke_with(Call &&call)
{
    [[maybe_unused]] const Attached<Attaches> attached;
    if constexpr (std::is_same_v<R, Object>) {
        return invoke_for_object(std::forward<Call>(call));
    } else {
        NexusValue value;
        NexusError *error = nullptr;
        const Status status = call(&value, &error);
        if (status != NEXUS_OK) raise(status, error);
        return returned_or_thrown<R>(value);
    }
}

template <class R, class... Arguments>
inline R invoke(const NexusValue &self, const char *method, const Arguments &...arguments)
{
    return invoke_with<R, Pack<Arguments...>::attaches || reads_several<R>::value>(
        [&](NexusValue *value, NexusError **error) { return call_on(self, method, value, error, arguments...); });
}
#endif

} // namespace detail

NEXUS_NAMESPACE_END

#endif
