// nexus::Object: any Python object.
#ifndef NEXUS_LOADER_OBJECT_HPP
#define NEXUS_LOADER_OBJECT_HPP

#include "names.hpp"
#include "result.hpp"
#include "scalars.hpp"

#include <initializer_list>

NEXUS_NAMESPACE_BEGIN

template <class T> class Buffer;
template <class T> class StridedBuffer;
template <class T> class Items;
template <class Signature> class PreparedCall;
class Attribute;
class Item;
class Iterator;
class Tensor;

/// How types of your own cross: specialize it. `to_python` gives what the value becomes, from which
/// something that crosses can be made; `from_python` the value. Both may throw, or return a result.
///
///     template <> struct nexus::convert<Point> {
///         static auto to_python(const Point &p) { return std::make_tuple(p.x, p.y); }
///         static Point from_python(const nexus::Object &o) { … }
///     };
template <class T, class = void> struct convert;

namespace detail {

/// A name for the C functions: UTF-8, NUL-terminated, lent for a call.
class name {
public:
    name(const char *text) noexcept : text_(text) {}
    name(const std::string &text) : name(std::string_view(text)) {}
    name(std::string_view text) : copy_(text)
    {
        // As in the names that nexus_object_dir gives; no attribute has a NUL in its name.
        for (std::size_t at = 0; (at = copy_.find('\0', at)) != std::string::npos;) copy_.replace(at, 1, "\xe2\x90\x80");
        text_ = copy_.c_str();
    }
    name(const name &) = delete;
    name &operator=(const name &) = delete;
    ~name() = default;
    operator const char *() const noexcept { return text_; }

private:
    std::string copy_;
    const char *text_;
};

/// Whether a value holds something that is to be given back.
inline bool holds(const NexusValue &value) noexcept
{
    return value.kind == NEXUS_KIND_OBJECT || value.owner != nullptr;
}

/// Calls a C function on a value; on one that is no handle, on the object that is made of it.
template <class... Parameters, class... Arguments>
inline result<void> on(const NexusValue &self, NexusStatus (*function)(const NexusObject *, Parameters...),
                       Arguments... arguments)
{
    if (self.kind == NEXUS_KIND_OBJECT) return check(function, static_cast<const NexusObject *>(self.as.object), arguments...);
    NexusObject *made = nullptr;
    result<void> outcome = check(nexus_object_new, &self, &made);
    if (outcome) outcome = check(function, static_cast<const NexusObject *>(made), arguments...);
    nexus_object_free(made);
    return outcome;
}

struct Slot;

// What `call` and its like do, in arguments.hpp. `method` null: the object itself is called.
template <class R, class... Arguments>
result<R> try_invoke(const NexusValue &self, const char *method, const Arguments &...arguments);
#ifndef NEXUS_NO_EXCEPTIONS
template <class R, class... Arguments>
R invoke(const NexusValue &self, const char *method, const Arguments &...arguments);
#endif

} // namespace detail

/// Any Python object: a module, a function, a class, a container, a number, None. Small values (None, bool,
/// int of 64 bits, float) are in the object itself, text and bytes are one step away, everything else is
/// behind a handle.
///
/// Default-made it is None, and so it is when it was moved from.
class Object {
public:
    Object() noexcept : value_(nexus_value_none()) {}

    /// Takes over a value that a C function returned.
    explicit Object(const NexusValue &returned) noexcept : value_(returned) {}
    /// Takes over a handle that a C function returned.
    explicit Object(NexusObject *returned) noexcept : value_(nexus_value_object(returned)) {}

    Object(Object &&other) noexcept : value_(other.release()) {}
    Object &operator=(Object &&other) noexcept
    {
        if (this != &other) {
            clear();
            value_ = other.release();
        }
        return *this;
    }
    Object(const Object &) = delete;
    Object &operator=(const Object &) = delete;
    ~Object() { clear(); }

    // ---- What it is -----------------------------------------------------------------------------------

    [[nodiscard]] Kind kind() const noexcept { return value_.kind; }
    [[nodiscard]] bool is_none() const noexcept { return value_.kind == NEXUS_KIND_NONE; }

    /// The C value, which stays this object's.
    [[nodiscard]] const NexusValue &value() const noexcept { return value_; }
    /// Hands the C value over; None stays.
    [[nodiscard]] NexusValue release() noexcept { return std::exchange(value_, nexus_value_none()); }

    /// The value as a C++ type; see from_python.hpp. A std::string_view lives as long as the object.
    template <class T> [[nodiscard]] result<T> try_as() const & { return detail::read<T>(value_); }
    template <class T> [[nodiscard]] result<T> try_as() &&;

    /// Another Object for the same Python object.
    [[nodiscard]] result<Object> try_clone() const
    {
        if (!detail::holds(value_) && value_.kind != NEXUS_KIND_TEXT && value_.kind != NEXUS_KIND_BYTES)
            return Object(value_);
        return try_handle().and_then([this](Object &&handle) -> result<Object> {
            return value_.kind == NEXUS_KIND_OBJECT ? result<Object>(std::move(handle)) : handle.try_lookup();
        });
    }

    // ---- Calls ----------------------------------------------------------------------------------------

    /// Calls a method, or a function of a module: `module.try_call<int>("add", 1, 2)`. Keyword arguments
    /// come last: `nexus::kw("base") = 16`. Whatever the arguments and the result are, one crossing.
    template <class R = Object, class... Arguments>
    result<R> try_call(const detail::name &method, const Arguments &...arguments) const
    {
        return detail::try_invoke<R>(value_, method, arguments...);
    }

    /// Calls the object itself: `function.try_invoke<int>(1, 2)`.
    template <class R = Object, class... Arguments> result<R> try_invoke(const Arguments &...arguments) const
    {
        return detail::try_invoke<R>(value_, nullptr, arguments...);
    }

    /// Makes calls of a method ready, for many of them: `module.try_prepare<int(int, int)>("add")`. The last
    /// arguments may be keyword arguments of these names.
    template <class Signature>
    result<PreparedCall<Signature>> try_prepare(const detail::name &method,
                                                std::initializer_list<const char *> keywords = {}) const;
    /// The same for calls of the object itself.
    template <class Signature>
    result<PreparedCall<Signature>> try_prepare(std::initializer_list<const char *> keywords = {}) const;

    // ---- Attributes -----------------------------------------------------------------------------------

    template <class T = Object> [[nodiscard]] result<T> try_get_attr(const detail::name &attribute) const
    {
        return got<T>(nexus_object_attr, static_cast<const char *>(attribute));
    }
    template <class T> result<void> try_set_attr(const detail::name &attribute, const T &value) const;
    result<void> try_delete_attr(const detail::name &attribute) const
    {
        return detail::on(value_, nexus_object_delete_attr, static_cast<const char *>(attribute));
    }
    [[nodiscard]] result<bool> try_has_attr(const detail::name &attribute) const
    {
        return told(nexus_object_has_attr, static_cast<const char *>(attribute));
    }
    /// The names of its attributes.
    [[nodiscard]] result<Names> try_dir() const
    {
        NexusNames *names = nullptr;
        return detail::on(value_, nexus_object_dir, &names).and_then([&]() -> result<Names> { return Names(names); });
    }

    // ---- Items ----------------------------------------------------------------------------------------

    /// `object[key]`.
    template <class T = Object, class Key> [[nodiscard]] result<T> try_get_item(const Key &key) const;
    /// `object[key]`, or nothing if there is no such item.
    template <class T = Object, class Key> [[nodiscard]] result<std::optional<T>> try_find_item(const Key &key) const;
    template <class Key, class T> result<void> try_set_item(const Key &key, const T &value) const;
    template <class Key> result<void> try_delete_item(const Key &key) const;
    /// `value in object`.
    template <class T> [[nodiscard]] result<bool> try_contains(const T &value) const;
    /// `len(object)`.
    [[nodiscard]] result<std::size_t> try_size() const
    {
        std::size_t size = 0;
        return detail::on(value_, nexus_object_length, &size).and_then([&]() -> result<std::size_t> { return size; });
    }

    /// An iterator over it; see iterate.hpp.
    [[nodiscard]] result<Iterator> try_iterate() const;

    // ---- Texts ----------------------------------------------------------------------------------------

    [[nodiscard]] result<std::string> try_str() const { return got<std::string>(nexus_object_str); }
    [[nodiscard]] result<std::string> try_repr() const { return got<std::string>(nexus_object_repr); }
    /// The name of its type with its module, such as "builtins.dict".
    [[nodiscard]] result<std::string> try_type_name() const { return got<std::string>(nexus_object_type_name); }
    /// The signature of a callable; NEXUS_ERR_NOT_FOUND when it tells none.
    [[nodiscard]] result<std::string> try_signature() const { return got<std::string>(nexus_object_signature); }
    /// The documentation, as help() shows it.
    [[nodiscard]] result<std::optional<std::string>> try_doc() const;
    /// As JSON text.
    [[nodiscard]] result<std::string> try_to_json() const { return got<std::string>(nexus_object_to_json); }

    // ---- Comparisons and types ------------------------------------------------------------------------

    template <class T> [[nodiscard]] result<bool> try_compare(Comparison comparison, const T &other) const;
    /// `object is other`.
    [[nodiscard]] result<bool> try_is(const Object &other) const;
    /// `bool(object)`.
    [[nodiscard]] result<bool> try_truth() const { return told(nexus_object_truth); }
    [[nodiscard]] result<std::int64_t> try_hash() const
    {
        std::int64_t hash = 0;
        return detail::on(value_, nexus_object_hash, &hash).and_then([&]() -> result<std::int64_t> { return hash; });
    }
    [[nodiscard]] result<Object> try_type() const
    {
        NexusObject *type = nullptr;
        return detail::on(value_, nexus_object_type, &type).and_then([&]() -> result<Object> { return Object(type); });
    }
    /// `isinstance(object, type)`.
    [[nodiscard]] result<bool> try_is_instance(const Object &type) const
    {
        return told(nexus_object_is_instance, static_cast<const NexusObject *>(type.handle_or_null()));
    }
    [[nodiscard]] result<bool> try_is_callable() const { return told(nexus_object_is_callable); }

    // ---- Awaitables and generators --------------------------------------------------------------------

    /// Runs a coroutine or another awaitable to its end.
    template <class R = Object> result<R> try_await() const { return got<R>(nexus_object_await); }
    /// What a generator yields next, sent a value; or what it returns, and then `finished` is true.
    template <class T> result<Object> try_send(const T &value, bool &finished) const;
    /// Ends a generator early.
    result<void> try_close() const { return detail::on(value_, nexus_generator_close); }

    // ---- Memory ---------------------------------------------------------------------------------------

    /// The memory of the object (PEP 3118), as one block of T in the order of C. `const T`: it may be
    /// read-only.
    template <class T> [[nodiscard]] result<Buffer<T>> try_buffer() const;
    /// The same, however the items lie.
    template <class T> [[nodiscard]] result<StridedBuffer<T>> try_strided_buffer() const;
    /// The DLPack tensor of the object. `flags`: 0 or NEXUS_TENSOR_ANY_DEVICE.
    [[nodiscard]] result<Tensor> try_tensor(std::uint32_t flags = 0) const;

#ifndef NEXUS_NO_EXCEPTIONS

    // ---- The same, throwing ---------------------------------------------------------------------------

    template <class T> [[nodiscard]] T as() const &
    {
        if constexpr (detail::has_quick<T>::value) {
            T it;
            if (detail::reader<T>::quick(value_, it)) return it;
        }
        return try_as<T>().value();
    }
    template <class T> [[nodiscard]] T as() && { return std::move(*this).template try_as<T>().value(); }
    [[nodiscard]] Object clone() const { return try_clone().value(); }

    template <class R = Object, class... Arguments>
    R call(const detail::name &method, const Arguments &...arguments) const
    {
        return detail::invoke<R>(value_, method, arguments...);
    }
    template <class R = Object, class... Arguments> R invoke(const Arguments &...arguments) const
    {
        return detail::invoke<R>(value_, nullptr, arguments...);
    }
    /// Calls it: `function(1, "two")`.
    template <class... Arguments> Object operator()(const Arguments &...arguments) const
    {
        return invoke<Object>(arguments...);
    }
    template <class Signature>
    PreparedCall<Signature> prepare(const detail::name &method, std::initializer_list<const char *> keywords = {}) const
    {
        return try_prepare<Signature>(method, keywords).value();
    }
    template <class Signature> PreparedCall<Signature> prepare(std::initializer_list<const char *> keywords = {}) const
    {
        return try_prepare<Signature>(keywords).value();
    }

    /// An attribute, to be read, set or called: `object.attr("size") = 3`, `object.attr("size").as<int>()`,
    /// `object.attr("append")(1)`. It uses this object, which must outlive it; a temporary one it keeps.
    [[nodiscard]] inline Attribute attr(std::string_view attribute) const &;
    [[nodiscard]] inline Attribute attr(std::string_view attribute) &&;
    template <class T = Object> [[nodiscard]] T get_attr(const detail::name &attribute) const
    {
        return try_get_attr<T>(attribute).value();
    }
    template <class T> void set_attr(const detail::name &attribute, const T &value) const
    {
        try_set_attr(attribute, value).value();
    }
    void delete_attr(const detail::name &attribute) const { try_delete_attr(attribute).value(); }
    [[nodiscard]] bool has_attr(const detail::name &attribute) const { return try_has_attr(attribute).value(); }
    [[nodiscard]] Names dir() const { return try_dir().value(); }

    /// An item, to be read or set: `dict["a"] = 3`, `list[-1].as<int>()`. As for attr().
    template <class Key> [[nodiscard]] Item operator[](const Key &key) const &;
    template <class Key> [[nodiscard]] Item operator[](const Key &key) &&;
    template <class T = Object, class Key> [[nodiscard]] T get_item(const Key &key) const
    {
        return try_get_item<T>(key).value();
    }
    template <class T = Object, class Key> [[nodiscard]] std::optional<T> find_item(const Key &key) const
    {
        return try_find_item<T>(key).value();
    }
    template <class Key, class T> void set_item(const Key &key, const T &value) const
    {
        try_set_item(key, value).value();
    }
    template <class Key> void delete_item(const Key &key) const { try_delete_item(key).value(); }
    template <class T> [[nodiscard]] bool contains(const T &value) const { return try_contains(value).value(); }
    [[nodiscard]] std::size_t size() const { return try_size().value(); }

    /// The items of anything that Python can iterate, as a range: `for (int n : list.items<int>())`.
    /// `at_once`: how many are fetched in one crossing; with more than 1, before the loop has used them.
    template <class T = Object> [[nodiscard]] Items<T> items(std::size_t at_once = 1) const;
    /// `for (nexus::Object item : object)`: items(), one by one.
    [[nodiscard]] inline auto begin() const;
    [[nodiscard]] inline auto end() const;

    [[nodiscard]] std::string str() const { return try_str().value(); }
    [[nodiscard]] std::string repr() const { return try_repr().value(); }
    [[nodiscard]] std::string type_name() const { return try_type_name().value(); }
    [[nodiscard]] std::string signature() const { return try_signature().value(); }
    [[nodiscard]] std::optional<std::string> doc() const { return try_doc().value(); }
    [[nodiscard]] std::string to_json() const { return try_to_json().value(); }

    template <class T> [[nodiscard]] bool compare(Comparison comparison, const T &other) const
    {
        return try_compare(comparison, other).value();
    }
    [[nodiscard]] bool is(const Object &other) const { return try_is(other).value(); }
    [[nodiscard]] bool truth() const { return try_truth().value(); }
    [[nodiscard]] std::int64_t hash() const { return try_hash().value(); }
    [[nodiscard]] Object type() const { return try_type().value(); }
    [[nodiscard]] bool is_instance(const Object &type) const { return try_is_instance(type).value(); }
    [[nodiscard]] bool is_callable() const { return try_is_callable().value(); }

    template <class R = Object> R await() const { return try_await<R>().value(); }
    template <class T> Object send(const T &value, bool &finished) const { return try_send(value, finished).value(); }
    void close() const { try_close().value(); }

    template <class T> [[nodiscard]] Buffer<T> buffer() const { return try_buffer<T>().value(); }
    template <class T> [[nodiscard]] StridedBuffer<T> strided_buffer() const { return try_strided_buffer<T>().value(); }
    [[nodiscard]] inline Tensor tensor(std::uint32_t flags = 0) const;

#endif

protected:
    /// The handle, null for a value that has none.
    [[nodiscard]] const NexusObject *handle_or_null() const noexcept
    {
        return value_.kind == NEXUS_KIND_OBJECT ? value_.as.object : nullptr;
    }

private:
    friend struct detail::Slot;
    NexusValue value_;

    void clear() noexcept
    {
        if (detail::holds(value_)) nexus_value_clear(&value_);
    }

    /// Whatever it is, a handle of its own.
    [[nodiscard]] result<Object> try_handle() const
    {
        NexusObject *handle = nullptr;
        return detail::check(nexus_object_new, &value_, &handle).and_then([&]() -> result<Object> {
            return Object(handle);
        });
    }

    /// What a handle's object is as a value.
    [[nodiscard]] result<Object> try_lookup() const
    {
        NexusValue value;
        return detail::on(value_, nexus_object_value, &value).and_then([&]() -> result<Object> { return Object(value); });
    }

    /// The value that a C function gives.
    template <class T, class... Parameters, class... Arguments>
    result<T> got(NexusStatus (*function)(const NexusObject *, Parameters...), Arguments... arguments) const
    {
        NexusValue value;
        result<void> outcome = detail::on(value_, function, arguments..., &value);
        if (!outcome) return std::move(outcome).error();
        return Object(value).template try_as<T>();
    }

    /// The yes or no that a C function gives.
    template <class... Parameters, class... Arguments>
    result<bool> told(NexusStatus (*function)(const NexusObject *, Parameters...), Arguments... arguments) const
    {
        bool yes = false;
        result<void> outcome = detail::on(value_, function, arguments..., &yes);
        if (!outcome) return std::move(outcome).error();
        return yes;
    }
};

/// A module; `module("function")(arguments…)` calls a function of it.
class Module : public Object {
public:
    Module() noexcept = default;
    using Object::Object;
    explicit Module(Object &&object) noexcept : Object(std::move(object)) {}

#ifndef NEXUS_NO_EXCEPTIONS
    [[nodiscard]] inline Attribute operator()(std::string_view function) const &;
    [[nodiscard]] inline Attribute operator()(std::string_view function) &&;
#endif
};

namespace detail {

/// Where a C function writes the value of an Object, which is None before. To copy a value that was just written
/// field by field would make the processor wait.
struct Slot {
    static NexusValue *of(Object &object) noexcept { return &object.value_; }
};

/// A value that somebody else owns, as an Object.
class Borrowed {
public:
    explicit Borrowed(const NexusValue &value) noexcept : object_(value) {}
    Borrowed(Borrowed &&) noexcept = default;
    Borrowed(const Borrowed &) = delete;
    Borrowed &operator=(const Borrowed &) = delete;
    Borrowed &operator=(Borrowed &&) = delete;
    ~Borrowed() { (void)object_.release(); }
    operator const Object &() const noexcept { return object_; }

private:
    Object object_;
};

} // namespace detail

NEXUS_NAMESPACE_END

#endif
