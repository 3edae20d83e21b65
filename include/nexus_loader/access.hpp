// Attributes and items of objects.
#ifndef NEXUS_LOADER_ACCESS_HPP
#define NEXUS_LOADER_ACCESS_HPP

#include "arguments.hpp"
#include "containers.hpp"
#include "object.hpp"

NEXUS_NAMESPACE_BEGIN

namespace detail {

/// One value for a C function.
template <class T> class One {
public:
    result<void> fill(const T &given) { return write(given, value_, keep_); }
    [[nodiscard]] const NexusValue *get() const noexcept { return &value_; }

private:
    NexusValue value_ = nexus_value_none();
    Keep keep_;
};

/// `function(self, values…, outputs…)` with C++ values.
template <class F, class... T> inline result<void> with_values(F &&function, const T &...given)
{
    [[maybe_unused]] const Attached<(makes_several<T>::value || ...)> attached;
    std::tuple<One<T>...> ones;
    result<void> filled;
    const bool all = std::apply(
        [&](One<T> &...one) { return ((filled = one.fill(given), filled.has_value()) && ...); }, ones);
    if (!all) return filled;
    return std::apply([&](const One<T> &...one) { return function(one.get()...); }, ones);
}

} // namespace detail

// ---- The members of Object that take values --------------------------------------------------------------

template <class T> result<T> Object::try_as() &&
{
    static_assert(!detail::is_view<T>::value, "a view of a temporary object would dangle");
    [[maybe_unused]] const detail::Attached<detail::reads_several<T>::value> attached;
    result<T> taken = detail::take<T>(value_);
    return taken;
}

template <class T> result<void> Object::try_set_attr(const detail::name &attribute, const T &value) const
{
    return detail::with_values(
        [&](const NexusValue *it) {
            return detail::on(value_, nexus_object_set_attr, static_cast<const char *>(attribute), it);
        },
        value);
}

template <class T, class Key> result<T> Object::try_get_item(const Key &key) const
{
    NexusValue item = nexus_value_none();
    result<void> outcome = detail::with_values(
        [&](const NexusValue *at) { return detail::on(value_, nexus_object_item, at, &item); }, key);
    if (!outcome) return std::move(outcome).error();
    return Object(item).template try_as<T>();
}

template <class T, class Key> result<std::optional<T>> Object::try_find_item(const Key &key) const
{
    NexusValue item = nexus_value_none();
    bool found = false;
    result<void> outcome = detail::with_values(
        [&](const NexusValue *at) { return detail::on(value_, nexus_object_find_item, at, &item, &found); }, key);
    if (!outcome) return std::move(outcome).error();
    if (!found) return std::optional<T>();
    return Object(item).template try_as<T>().transform([](T &&it) { return std::optional<T>(std::move(it)); });
}

template <class Key, class T> result<void> Object::try_set_item(const Key &key, const T &value) const
{
    return detail::with_values(
        [&](const NexusValue *at, const NexusValue *it) { return detail::on(value_, nexus_object_set_item, at, it); }, key,
        value);
}

template <class Key> result<void> Object::try_delete_item(const Key &key) const
{
    return detail::with_values(
        [&](const NexusValue *at) { return detail::on(value_, nexus_object_delete_item, at); }, key);
}

template <class T> result<bool> Object::try_contains(const T &value) const
{
    bool yes = false;
    result<void> outcome = detail::with_values(
        [&](const NexusValue *it) { return detail::on(value_, nexus_object_contains, it, &yes); }, value);
    if (!outcome) return std::move(outcome).error();
    return yes;
}

template <class T> result<bool> Object::try_compare(Comparison comparison, const T &other) const
{
    bool yes = false;
    result<void> outcome = detail::with_values(
        [&](const NexusValue *it) { return detail::on(value_, nexus_object_compare, comparison, it, &yes); }, other);
    if (!outcome) return std::move(outcome).error();
    return yes;
}

inline result<bool> Object::try_is(const Object &other) const
{
    return other.try_handle().and_then([this](Object &&handle) {
        return told(nexus_object_is, static_cast<const NexusObject *>(handle.handle_or_null()));
    });
}

template <class T> result<Object> Object::try_send(const T &value, bool &finished) const
{
    NexusValue given = nexus_value_none();
    result<void> outcome = detail::with_values(
        [&](const NexusValue *it) { return detail::on(value_, nexus_generator_send, it, &given, &finished); }, value);
    if (!outcome) return std::move(outcome).error();
    return Object(given);
}

inline result<std::optional<std::string>> Object::try_doc() const
{
    return got<std::optional<std::string>>(nexus_object_doc);
}

// ---- What an Error's exception holds -------------------------------------------------------------------

inline result<Object> Error::try_exception() const
{
    NexusObject *exception = nullptr;
    return detail::check(nexus_error_object, get(), &exception).and_then([&]() -> result<Object> {
        return Object(exception);
    });
}

inline result<std::optional<Error>> Error::try_cause() const
{
    NexusError *cause = nullptr;
    result<void> outcome = detail::check(nexus_error_cause, get(), &cause);
    if (outcome) return std::optional<Error>(Error(nexus_error_status(cause), cause));
    if (outcome.error().status() == NEXUS_ERR_NOT_FOUND) return std::optional<Error>();
    return std::move(outcome).error();
}

inline result<std::vector<std::string>> Error::try_notes() const
{
    NexusNames *notes = nullptr;
    result<void> outcome = detail::check(nexus_error_notes, get(), &notes);
    if (outcome) return Names(notes).strings();
    if (outcome.error().status() == NEXUS_ERR_NOT_FOUND) return std::vector<std::string>();
    return std::move(outcome).error();
}

inline result<std::vector<Error>> Error::try_members() const
{
    const std::size_t count = nexus_error_group_count(get());
    std::vector<Error> members;
    for (std::size_t index = 0; index < count; index++) {
        NexusError *member = nullptr;
        result<void> outcome = detail::check(nexus_error_group_at, get(), index, &member);
        if (!outcome) return std::move(outcome).error();
        members.emplace_back(nexus_error_status(member), member);
    }
    return members;
}

#ifndef NEXUS_NO_EXCEPTIONS

inline Object Error::exception() const { return try_exception().value(); }
inline std::optional<Error> Error::cause() const { return try_cause().value(); }
inline std::vector<std::string> Error::notes() const { return try_notes().value(); }
inline std::vector<Error> Error::members() const { return try_members().value(); }

// ---- Attributes and items as places --------------------------------------------------------------------

namespace detail {

/// What Attribute and Item have in common: `Place` has `try_get<T>()` and `try_set(value)`.
template <class Place> class Access {
public:
    Access(const Access &) = delete;
    Access &operator=(const Access &) = delete;
    ~Access() = default;

    /// What is there now.
    [[nodiscard]] Object get() const { return self().template try_get<Object>().value(); }
    operator Object() const { return get(); }
    template <class T> [[nodiscard]] T as() const { return self().template try_get<T>().value(); }

    // And what can be done with it.
    [[nodiscard]] Attribute attr(std::string_view attribute) const;
    template <class Key> [[nodiscard]] Item operator[](const Key &key) const;
    template <class R = Object, class... Arguments> R call(const name &method, const Arguments &...arguments) const
    {
        return get().template call<R>(method, arguments...);
    }
    [[nodiscard]] std::string str() const { return get().str(); }

protected:
    explicit Access(const Object &owner) noexcept : lent_(&owner) {}
    explicit Access(Object &&owner) noexcept : own_(std::move(owner)), lent_(nullptr) {}
    Access(Access &&) noexcept = default;
    [[nodiscard]] const Object &owner() const noexcept { return lent_ ? *lent_ : own_; }

private:
    Object own_;
    const Object *lent_;
    const Place &self() const noexcept { return static_cast<const Place &>(*this); }
};

} // namespace detail

/// An attribute of an object.
class Attribute : public detail::Access<Attribute> {
public:
    Attribute(const Object &owner, std::string_view name) : Access(owner), name_(name) {}
    Attribute(Object &&owner, std::string_view name) : Access(std::move(owner)), name_(name) {}
    Attribute(Attribute &&) noexcept = default;

    /// Sets it.
    template <class T, class = std::enable_if_t<!std::is_same_v<detail::plain_type<T>, Attribute>>>
    const Attribute &operator=(const T &value) const
    {
        owner().set_attr(name_, value);
        return *this;
    }
    const Attribute &operator=(const Attribute &other) const { return *this = other.get(); }

    /// Calls it, in one crossing.
    template <class... Arguments> Object operator()(const Arguments &...arguments) const
    {
        return owner().call(name_, arguments...);
    }
    /// The same, and the result as an R.
    template <class R = Object, class... Arguments> R invoke(const Arguments &...arguments) const
    {
        return owner().template call<R>(name_, arguments...);
    }

    template <class T> [[nodiscard]] result<T> try_get() const { return owner().template try_get_attr<T>(name_); }

private:
    std::string name_;
};

/// An item of an object.
class Item : public detail::Access<Item> {
public:
    Item(const Object &owner, Object key) noexcept : Access(owner), key_(std::move(key)) {}
    Item(Object &&owner, Object key) noexcept : Access(std::move(owner)), key_(std::move(key)) {}
    Item(Item &&) noexcept = default;

    /// Sets it.
    template <class T, class = std::enable_if_t<!std::is_same_v<detail::plain_type<T>, Item>>>
    const Item &operator=(const T &value) const
    {
        owner().set_item(key_, value);
        return *this;
    }
    const Item &operator=(const Item &other) const { return *this = other.get(); }

    /// Calls it.
    template <class... Arguments> Object operator()(const Arguments &...arguments) const { return get()(arguments...); }
    template <class R = Object, class... Arguments> R invoke(const Arguments &...arguments) const
    {
        return get().template invoke<R>(arguments...);
    }

    template <class T> [[nodiscard]] result<T> try_get() const { return owner().template try_get_item<T>(key_); }

private:
    Object key_;
};

namespace detail {

// What is there now, as an argument: no C value can be lent from it, so it is fetched for the call.
template <class T> struct writer<T, std::enable_if_t<std::is_same_v<T, Attribute> || std::is_same_v<T, Item>>> {
    static result<void> write(const T &place, NexusValue &out, Keep &keep)
    {
        result<Object> got = place.template try_get<Object>();
        if (!got) return std::move(got).error();
        out = keep.add(got->release());
        return {};
    }
};

template <class Place> Attribute Access<Place>::attr(std::string_view attribute) const
{
    return Attribute(get(), attribute);
}

} // namespace detail

inline Attribute Object::attr(std::string_view attribute) const & { return Attribute(*this, attribute); }
inline Attribute Object::attr(std::string_view attribute) && { return Attribute(std::move(*this), attribute); }
inline Attribute Module::operator()(std::string_view function) const & { return Attribute(*this, function); }
inline Attribute Module::operator()(std::string_view function) && { return Attribute(std::move(*this), function); }

// ---- Comparisons ---------------------------------------------------------------------------------------

template <class T> [[nodiscard]] bool operator==(const Object &a, const T &b) { return a.compare(NEXUS_EQUAL, b); }
template <class T> [[nodiscard]] bool operator!=(const Object &a, const T &b) { return a.compare(NEXUS_NOT_EQUAL, b); }
template <class T> [[nodiscard]] bool operator<(const Object &a, const T &b) { return a.compare(NEXUS_LESS, b); }
template <class T> [[nodiscard]] bool operator<=(const Object &a, const T &b) { return a.compare(NEXUS_LESS_OR_EQUAL, b); }
template <class T> [[nodiscard]] bool operator>(const Object &a, const T &b) { return a.compare(NEXUS_GREATER, b); }
template <class T> [[nodiscard]] bool operator>=(const Object &a, const T &b) { return a.compare(NEXUS_GREATER_OR_EQUAL, b); }

#endif

NEXUS_NAMESPACE_END

#endif
