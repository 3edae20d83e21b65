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

/// The arguments of a call as C values.
template <class... Arguments> class Pack {
public:
    static constexpr std::size_t keywords = keywords_among<Arguments...>;
    static constexpr std::size_t positional = sizeof...(Arguments) - keywords;
    static constexpr bool attaches = (makes_several<typename argument<Arguments>::type>::value || ...);
    static_assert(keywords_come_last<Arguments...>(), "keyword arguments come after all others");

    result<void> fill(const Arguments &...arguments) { return fill(std::index_sequence_for<Arguments...>(), arguments...); }

    [[nodiscard]] const NexusValue *values() const noexcept { return values_; }
    [[nodiscard]] const char *const *names() const noexcept { return names_; }

private:
    NexusValue values_[sizeof...(Arguments) + 1];
    const char *names_[keywords + 1];
    Keep keep_;

    template <std::size_t... Index>
    result<void> fill(std::index_sequence<Index...>, [[maybe_unused]] const Arguments &...arguments)
    {
        if constexpr ((is_plain<typename argument<Arguments>::type>::value && ...)) {
            ((values_[Index] = writer<typename argument<Arguments>::type>::make(argument<Arguments>::value(arguments))), ...);
            (put_name<Index>(arguments), ...);
            return {};
        } else {
            result<void> outcome;
            (void)((put_name<Index>(arguments), outcome = put<Index>(arguments), outcome.has_value()) && ...);
            return outcome;
        }
    }

    template <std::size_t Index, class T> result<void> put(const T &given)
    {
        result<void> written = write(argument<T>::value(given), values_[Index], keep_);
        if (written) return written;
        return within("argument " + std::to_string(Index + 1), std::move(written).error());
    }

    template <std::size_t Index, class T> void put_name([[maybe_unused]] const T &given) noexcept
    {
        if constexpr (is_keyword<T>::value) names_[Index - positional] = given.name;
    }
};

/// What became of a call: takes the value over.
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

template <class R, class... Arguments>
inline result<R> invoke(const NexusValue &self, const char *method, const Arguments &...arguments)
{
    using Packed = Pack<Arguments...>;
    [[maybe_unused]] const Attached<Packed::attaches || reads_several<R>::value> attached;
    Packed pack;
    result<void> filled = pack.fill(arguments...);
    if (!filled) return std::move(filled).error();

    NexusObject *made = nullptr; // a method of a value that has no handle
    if (self.kind != NEXUS_KIND_OBJECT) {
        filled = check(nexus_object_new, &self, &made);
        if (!filled) return std::move(filled).error();
    }
    const NexusObject *object = made ? made : self.as.object;
    NexusValue value;
    NexusError *error = nullptr;
    Status status;
    if constexpr (Packed::keywords == 0) {
        status = method ? nexus_object_call_method(object, method, pack.values(), Packed::positional, &value, &error)
                        : nexus_object_call(object, pack.values(), Packed::positional, &value, &error);
    } else {
        const auto call = [&](const NexusObject *callable) {
            return nexus_object_call_keywords(callable, pack.values(), Packed::positional, pack.names(),
                                              pack.values() + Packed::positional, Packed::keywords, &value, &error);
        };
        NexusValue bound = nexus_value_none();
        if (!method) {
            status = call(object);
        } else if (status = nexus_object_attr(object, method, &bound, &error); status == NEXUS_OK) {
            if (bound.kind != NEXUS_KIND_OBJECT) { // no callable has another kind: Python says so
                NexusObject *handle = nullptr;
                status = nexus_object_new(&bound, &handle, &error);
                nexus_value_clear(&bound);
                bound = nexus_value_object(handle);
            }
            if (status == NEXUS_OK) status = call(bound.as.object);
            nexus_value_clear(&bound);
        }
    }
    if (made) nexus_object_free(made);
    if (status != NEXUS_OK) return Error(status, error);
    return returned<R>(value);
}

} // namespace detail

NEXUS_NAMESPACE_END

#endif
