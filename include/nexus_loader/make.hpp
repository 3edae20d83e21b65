// Python objects of C++ values.
#ifndef NEXUS_LOADER_MAKE_HPP
#define NEXUS_LOADER_MAKE_HPP

#include "access.hpp"

NEXUS_NAMESPACE_BEGIN

namespace detail {

template <class... T>
inline result<Object> made_of(NexusStatus (*make)(const NexusValue *, std::size_t, NexusObject **, NexusError **), const T &...items)
{
    static_assert(keywords_among<T...> == 0, "only nexus::dict takes nexus::kw");
    [[maybe_unused]] const Attached<Pack<T...>::attaches> attached;
    Pack<T...> pack;
    NexusError *error = nullptr;
    NexusObject *object = nullptr;
    Status status = pack.fill(&error, items...);
    if (status == NEXUS_OK) status = make(pack.values(), sizeof...(T), &object, &error);
    if (status != NEXUS_OK) return Error(status, error);
    return Object(object);
}

} // namespace detail

/// The Python object of a value: `nexus::try_object(std::vector{1, 2, 3})` is a list.
template <class T> [[nodiscard]] result<Object> try_object(const T &value)
{
    NexusObject *object = nullptr;
    result<void> made = detail::with_values([&](const NexusValue *it) { return detail::check(nexus_object_new, it, &object); }, value);
    if (!made) return std::move(made).error();
    NexusValue known;
    made = detail::check(nexus_object_value, static_cast<const NexusObject *>(object), &known);
    nexus_object_free(object);
    if (!made) return std::move(made).error();
    return Object(known);
}

/// A list of values of different types. (A std::vector is a list, too.)
template <class... T> [[nodiscard]] result<Object> try_list(const T &...items) { return detail::made_of(nexus_list_new, items...); }
/// A tuple. (A std::tuple is a tuple, too.)
template <class... T> [[nodiscard]] result<Object> try_tuple(const T &...items) { return detail::made_of(nexus_tuple_new, items...); }
/// A dict: `try_dict(kw("host") = "localhost", kw("port") = 5432)`. (A std::map is a dict, too.)
template <class... T> [[nodiscard]] result<Object> try_dict(const keyword<T> &...items)
{
    [[maybe_unused]] const detail::Attached<detail::Pack<keyword<T>...>::attaches> attached;
    detail::Pack<keyword<T>...> pack;
    const NexusValue keys[sizeof...(T) + 1] = {nexus_value_text(items.name, std::strlen(items.name))...};
    NexusError *error = nullptr;
    NexusObject *dict = nullptr;
    Status status = pack.fill(&error, items...);
    if (status == NEXUS_OK) status = nexus_dict_new(keys, pack.values(), sizeof...(T), &dict, &error);
    if (status != NEXUS_OK) return Error(status, error);
    return Object(dict);
}
/// What JSON text says.
[[nodiscard]] inline result<Object> try_from_json(std::string_view text)
{
    NexusValue value;
    return detail::check(nexus_object_from_json, text.data(), text.size(), &value).and_then([&]() -> result<Object> {
        return Object(value);
    });
}

#ifndef NEXUS_NO_EXCEPTIONS
template <class T> [[nodiscard]] Object object(const T &value) { return try_object(value).value(); }
template <class... T> [[nodiscard]] Object list(const T &...items) { return try_list(items...).value(); }
template <class... T> [[nodiscard]] Object tuple(const T &...items) { return try_tuple(items...).value(); }
template <class... T> [[nodiscard]] Object dict(const keyword<T> &...items) { return try_dict(items...).value(); }
[[nodiscard]] inline Object from_json(std::string_view text) { return try_from_json(text).value(); }

namespace detail {
template <class Place> template <class Key> Item Access<Place>::operator[](const Key &key) const
{
    return Item(get(), nexus::object(key));
}
} // namespace detail

template <class Key> Item Object::operator[](const Key &key) const & { return Item(*this, nexus::object(key)); }
template <class Key> Item Object::operator[](const Key &key) && { return Item(std::move(*this), nexus::object(key)); }
#endif

NEXUS_NAMESPACE_END

#endif
