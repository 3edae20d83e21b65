// None, numbers, text and bytes, both ways; and what all conversions are made of.
//
//     None              std::nullptr_t, std::nullopt_t, std::monostate; a null const char *
//     bool              bool
//     int               every integer type of up to 64 bits but the character types; never from a bool
//     float             double, float; also from an int that they hold exactly
//     str               std::string, std::string_view, const char *, and of char8_t: UTF-8
//     bytes             nexus::bytes, nexus::bytes_view
#ifndef NEXUS_LOADER_SCALARS_HPP
#define NEXUS_LOADER_SCALARS_HPP

#include "result.hpp"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <variant>

NEXUS_NAMESPACE_BEGIN

/// Bytes that somebody else owns.
class bytes_view {
public:
    constexpr bytes_view() noexcept = default;
    constexpr explicit bytes_view(std::string_view bytes) noexcept : bytes_(bytes) {}
    bytes_view(const void *data, std::size_t size) noexcept : bytes_(static_cast<const char *>(data), size) {}

    [[nodiscard]] const std::byte *data() const noexcept { return reinterpret_cast<const std::byte *>(bytes_.data()); }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return bytes_.size(); }
    [[nodiscard]] constexpr bool empty() const noexcept { return bytes_.empty(); }
    [[nodiscard]] constexpr std::string_view chars() const noexcept { return bytes_; }
    [[nodiscard]] const std::byte *begin() const noexcept { return data(); }
    [[nodiscard]] const std::byte *end() const noexcept { return data() + size(); }
    friend bool operator==(bytes_view a, bytes_view b) noexcept { return a.bytes_ == b.bytes_; }
    friend bool operator!=(bytes_view a, bytes_view b) noexcept { return a.bytes_ != b.bytes_; }
    friend bool operator<(bytes_view a, bytes_view b) noexcept { return a.bytes_ < b.bytes_; }

private:
    std::string_view bytes_;
};

/// Python's bytes: as an argument, a bytes object; as a result, of a bytes object or whatever else has its
/// bytes in one block, such as a bytearray.
class bytes {
public:
    bytes() noexcept = default;
    explicit bytes(std::string data) noexcept : data_(std::move(data)) {}
    explicit bytes(bytes_view data) : data_(data.chars()) {}
    bytes(const void *data, std::size_t size) : data_(static_cast<const char *>(data), size) {}

    [[nodiscard]] const std::byte *data() const noexcept { return bytes_view(*this).data(); }
    [[nodiscard]] std::byte *data() noexcept { return reinterpret_cast<std::byte *>(data_.data()); }
    [[nodiscard]] std::size_t size() const noexcept { return data_.size(); }
    [[nodiscard]] bool empty() const noexcept { return data_.empty(); }
    [[nodiscard]] std::string &chars() noexcept { return data_; }
    [[nodiscard]] const std::string &chars() const noexcept { return data_; }
    [[nodiscard]] const std::byte *begin() const noexcept { return data(); }
    [[nodiscard]] const std::byte *end() const noexcept { return data() + size(); }
    operator bytes_view() const noexcept { return bytes_view(std::string_view(data_)); }
    friend bool operator==(const bytes &a, const bytes &b) noexcept { return a.data_ == b.data_; }
    friend bool operator!=(const bytes &a, const bytes &b) noexcept { return a.data_ != b.data_; }
    friend bool operator<(const bytes &a, const bytes &b) noexcept { return a.data_ < b.data_; }

private:
    std::string data_;
};

namespace detail {

// ---- What conversions are made of ----------------------------------------------------------------------

/// To Python. One that is `plain` has `static NexusValue make(const T &) noexcept`: nothing is made that would
/// have to be freed. Any other has `static result<void> write(const T &, NexusValue &, Keep &)`, and
/// `attaches` if it makes several objects.
template <class T, class = void> struct writer;

/// From Python: `static result<T> read(const NexusValue &)`, of a value that is lent; one that can do
/// more with a value of its own has `static result<T> take(NexusValue &)` too, which leaves None.
/// `attaches`: it reads several objects. `borrows`: the T is a view of the value.
/// `is(Kind)`: whether that kind is what it is the type for. `quick(value, out)`: takes what most values are,
/// and that holds nothing, or says no.
template <class T, class = void> struct reader;

template <class T> using plain_type = std::remove_cv_t<std::remove_reference_t<T>>;

template <class T, class = void> struct is_plain : std::false_type {};
template <class T> struct is_plain<T, std::enable_if_t<writer<T>::plain>> : std::true_type {};
template <class T, class = void> struct makes_several : std::false_type {};
template <class T> struct makes_several<T, std::enable_if_t<writer<T>::attaches>> : std::true_type {};
template <class T, class = void> struct reads_several : std::false_type {};
template <class T> struct reads_several<T, std::enable_if_t<reader<T>::attaches>> : std::true_type {};
template <> struct reads_several<void> : std::false_type {};
template <class T, class = void> struct is_view : std::false_type {};
template <class T> struct is_view<T, std::enable_if_t<reader<T>::borrows>> : std::true_type {};
template <class T, class = void> struct takes : std::false_type {};
template <class T> struct takes<T, std::void_t<decltype(reader<T>::take(std::declval<NexusValue &>()))>> : std::true_type {};
template <class T, class = void> struct has_kind : std::false_type {};
template <class T> struct has_kind<T, std::void_t<decltype(reader<T>::is(NEXUS_KIND_NONE))>> : std::true_type {};

template <class T, class = void> struct has_quick : std::false_type {};
template <class T>
struct has_quick<T, std::void_t<decltype(reader<T>::quick(std::declval<const NexusValue &>(), std::declval<T &>()))>> : std::true_type {};

/// The objects that were made for a call: freed after it, in one crossing.
class Keep {
public:
    Keep() noexcept = default;
    Keep(const Keep &) = delete;
    Keep &operator=(const Keep &) = delete;
    ~Keep()
    {
        if (!made_.empty()) nexus_values_clear(made_.data(), made_.size());
    }
    /// Takes a handle over.
    NexusValue add(NexusObject *handle) { return add(nexus_value_object(handle)); }
    NexusValue add(const NexusValue &value) { return made_.emplace_back(value); }
    /// Whether that handle is one of these.
    [[nodiscard]] bool has(const NexusObject *handle) noexcept { return find(handle) != nullptr; }
    /// Gives a handle back to the caller, who frees it.
    void give(const NexusObject *handle) noexcept
    {
        if (NexusValue *value = find(handle)) *value = nexus_value_none();
    }

private:
    std::vector<NexusValue> made_;

    NexusValue *find(const NexusObject *handle) noexcept
    {
        for (NexusValue &value : made_) {
            if (value.kind == NEXUS_KIND_OBJECT && value.as.object == handle) return &value;
        }
        return nullptr;
    }
};

/// Holds the GIL, for what needs several calls. Before Python has started there is none to hold.
template <bool Really> class Attached {};
template <> class Attached<true> {
public:
    Attached() noexcept : attached_(nexus_python_attach(nullptr) == NEXUS_OK) {}
    Attached(const Attached &) = delete;
    Attached &operator=(const Attached &) = delete;
    ~Attached()
    {
        if (attached_) nexus_python_detach(nullptr);
    }

private:
    bool attached_;
};

/// Writes a value of any type.
template <class T> inline result<void> write(const T &in, NexusValue &out, Keep &keep)
{
    if constexpr (is_plain<T>::value) {
        return (void)keep, out = writer<T>::make(in), result<void>();
    } else {
        return writer<T>::write(in, out, keep);
    }
}

/// Reads a value that is somebody else's.
template <class T> inline result<T> read(const NexusValue &value)
{
    [[maybe_unused]] const Attached<reads_several<T>::value> attached;
    return reader<T>::read(value);
}

/// Reads a value of one's own, which is None or to be cleared afterwards.
template <class T> inline result<T> take(NexusValue &value)
{
    if constexpr (takes<T>::value) {
        return reader<T>::take(value);
    } else {
        return reader<T>::read(value);
    }
}

/// What a value is for people: "builtins.dict".
NEXUS_COLD inline std::string type_of(const NexusValue &value)
{
    switch (value.kind) {
    case NEXUS_KIND_NONE: return "None";
    case NEXUS_KIND_BOOLEAN: return "bool";
    case NEXUS_KIND_INTEGER: return "int";
    case NEXUS_KIND_REAL: return "float";
    case NEXUS_KIND_TEXT: return "str";
    case NEXUS_KIND_BYTES: return "bytes";
    default: break;
    }
    NexusValue text;
    std::string type = "an unknown type";
    if (nexus_object_type_name(value.as.object, &text, nullptr) == NEXUS_OK) type.assign(text.as.text.data, text.as.text.size);
    nexus_value_clear(&text);
    return type;
}

NEXUS_COLD inline Error wrong_type(const NexusValue &value, const char *wanted)
{
    return Error(NEXUS_ERR_TYPE, std::string("expected ") + wanted + ", got " + type_of(value));
}

// ---- None ----------------------------------------------------------------------------------------------

template <class T> struct none_writer {
    static constexpr bool plain = true;
    static NexusValue make(const T &) noexcept { return nexus_value_none(); }
};
template <> struct writer<std::nullptr_t> : none_writer<std::nullptr_t> {};
template <> struct writer<std::nullopt_t> : none_writer<std::nullopt_t> {};
template <> struct writer<std::monostate> : none_writer<std::monostate> {};

template <> struct reader<std::monostate> {
    static constexpr bool is(Kind kind) noexcept { return kind == NEXUS_KIND_NONE; }
    static result<std::monostate> read(const NexusValue &value)
    {
        if (is(value.kind)) return std::monostate();
        return wrong_type(value, "None");
    }
};

// ---- bool ----------------------------------------------------------------------------------------------

template <> struct writer<bool> {
    static constexpr bool plain = true;
    static NexusValue make(bool boolean) noexcept { return nexus_value_boolean(boolean); }
};

template <> struct reader<bool> {
    static constexpr bool is(Kind kind) noexcept { return kind == NEXUS_KIND_BOOLEAN; }
    static bool quick(const NexusValue &value, bool &out) noexcept
    {
        out = is(value.kind) && value.as.boolean;
        return is(value.kind);
    }
    static result<bool> read(const NexusValue &value)
    {
        if (is(value.kind)) return value.as.boolean;
        return wrong_type(value, "bool");
    }
};

// ---- int -----------------------------------------------------------------------------------------------

template <class T> struct is_character : std::false_type {};
template <> struct is_character<char> : std::true_type {};
template <> struct is_character<wchar_t> : std::true_type {};
template <> struct is_character<char16_t> : std::true_type {};
template <> struct is_character<char32_t> : std::true_type {};
#ifdef __cpp_char8_t
template <> struct is_character<char8_t> : std::true_type {};
#endif

/// The integers that Python's int stands for.
template <class T>
constexpr bool is_integer = std::is_integral_v<T> && !std::is_same_v<T, bool> && !is_character<T>::value && sizeof(T) <= 8;
/// Those that may be beyond an int64_t.
template <class T> constexpr bool is_wide = is_integer<T> && std::is_unsigned_v<T> && sizeof(T) == 8;

template <class T> struct writer<T, std::enable_if_t<is_integer<T> && !is_wide<T>>> {
    static constexpr bool plain = true;
    static NexusValue make(T integer) noexcept { return nexus_value_integer(integer); }
};

template <class T> struct writer<T, std::enable_if_t<is_wide<T>>> {
    static result<void> write(T integer, NexusValue &out, Keep &keep)
    {
        if (integer <= static_cast<T>(std::numeric_limits<std::int64_t>::max())) {
            return out = nexus_value_integer(static_cast<std::int64_t>(integer)), result<void>();
        }
        unsigned char little_endian[8];
        for (unsigned i = 0; i < 8; i++) little_endian[i] = static_cast<unsigned char>(integer >> (8 * i));
        result<void> made = check(nexus_int_from_bytes, static_cast<const void *>(little_endian), sizeof little_endian,
                                  static_cast<std::uint32_t>(NEXUS_INT_UNSIGNED), &out);
        if (made) keep.add(out);
        return made;
    }
};

template <class T> struct reader<T, std::enable_if_t<is_integer<T>>> {
    static constexpr bool is(Kind kind) noexcept { return kind == NEXUS_KIND_INTEGER; }
    static result<T> read(const NexusValue &value)
    {
        if (is(value.kind) && fits(value.as.integer)) return static_cast<T>(value.as.integer);
        return otherwise(value);
    }
    static bool quick(const NexusValue &value, T &out) noexcept
    {
        if (!is(value.kind) || !fits(value.as.integer)) return false;
        out = static_cast<T>(value.as.integer);
        return true;
    }
    static constexpr bool fits(std::int64_t integer) noexcept
    {
        if constexpr (is_wide<T>) {
            return integer >= 0;
        } else {
            return integer >= std::numeric_limits<T>::min() && integer <= std::numeric_limits<T>::max();
        }
    }
    NEXUS_COLD static Error too_large(const std::string &integer)
    {
        return Error(NEXUS_ERR_OVERFLOW, integer + " does not fit into " + std::to_string(8 * sizeof(T)) + " bits " +
                                             (std::is_signed_v<T> ? "with a sign" : "without a sign"));
    }

private:
    /// Instances of subclasses of int, ints that are too large, and what is none.
    NEXUS_COLD static result<T> otherwise(const NexusValue &value)
    {
        if (is(value.kind)) return too_large(std::to_string(value.as.integer));
        using Widest = std::conditional_t<is_wide<T>, std::uint64_t, std::int64_t>;
        Widest number = 0;
        result<void> converted = [&] {
            if constexpr (is_wide<T>) {
                return check(nexus_value_to_uint64, &value, &number);
            } else {
                return check(nexus_value_to_int64, &value, &number);
            }
        }();
        if (converted && (is_wide<T> || fits(static_cast<std::int64_t>(number)))) return static_cast<T>(number);
        if (converted) return too_large(std::to_string(number));
        if (converted.error().status() == NEXUS_ERR_OVERFLOW) return too_large("the int");
        if (converted.error().status() == NEXUS_ERR_TYPE) return wrong_type(value, "int");
        return std::move(converted).error();
    }
};

// ---- float ---------------------------------------------------------------------------------------------

template <class T> constexpr bool is_real = std::is_same_v<T, double> || std::is_same_v<T, float>;

template <class T> struct writer<T, std::enable_if_t<is_real<T>>> {
    static constexpr bool plain = true;
    static NexusValue make(T real) noexcept { return nexus_value_real(static_cast<double>(real)); }
};

template <class T> struct reader<T, std::enable_if_t<is_real<T>>> {
    static constexpr bool is(Kind kind) noexcept { return kind == NEXUS_KIND_REAL; }
    static result<T> read(const NexusValue &value)
    {
        if (is(value.kind)) return narrowed(value.as.real);
        return otherwise(value);
    }
    static bool quick(const NexusValue &value, T &out) noexcept
    {
        if (!is(value.kind) || !std::is_same_v<T, double>) return false;
        out = static_cast<T>(value.as.real);
        return true;
    }
    /// Rounded to the nearest, but never to infinity.
    static result<T> narrowed(double real)
    {
        if constexpr (std::is_same_v<T, double>) {
            return real;
        } else {
            if (std::isfinite(real) && std::fabs(real) > static_cast<double>(std::numeric_limits<T>::max()))
                return Error(NEXUS_ERR_OVERFLOW, std::to_string(real) + " is beyond the largest float of 32 bits");
            return static_cast<T>(real);
        }
    }

private:
    /// Ints, and instances of subclasses of float and int.
    NEXUS_COLD static result<T> otherwise(const NexusValue &value)
    {
        double real = 0;
        result<void> converted = check(nexus_value_to_double, &value, &real);
        if (!converted && converted.error().status() == NEXUS_ERR_TYPE) return wrong_type(value, "float");
        if (!converted) return std::move(converted).error();
        if (value.kind == NEXUS_KIND_INTEGER && static_cast<double>(static_cast<T>(real)) != real)
            return Error(NEXUS_ERR_OVERFLOW, std::to_string(value.as.integer) + " is not held exactly by a float of 32 bits");
        return narrowed(real);
    }
};

// ---- str -----------------------------------------------------------------------------------------------

template <class T> struct text_writer {
    static constexpr bool plain = true;
    static NexusValue make(std::string_view text) noexcept { return nexus_value_text(text.data(), text.size()); }
};
template <> struct writer<std::string> : text_writer<std::string> {};
template <> struct writer<std::string_view> : text_writer<std::string_view> {};

struct pointer_writer {
    static constexpr bool plain = true;
    static NexusValue make(const char *text) noexcept
    {
        return text ? nexus_value_text(text, std::strlen(text)) : nexus_value_none();
    }
};
template <> struct writer<const char *> : pointer_writer {};
template <> struct writer<char *> : pointer_writer {};
template <std::size_t Size> struct writer<char[Size]> : pointer_writer {};

#ifdef __cpp_char8_t
template <class T> struct utf8_writer {
    static constexpr bool plain = true;
    static NexusValue make(std::u8string_view text) noexcept
    {
        return nexus_value_text(reinterpret_cast<const char *>(text.data()), text.size());
    }
};
template <> struct writer<std::u8string> : utf8_writer<std::u8string> {};
template <> struct writer<std::u8string_view> : utf8_writer<std::u8string_view> {};
template <std::size_t Size> struct writer<char8_t[Size]> : utf8_writer<char8_t[Size]> {};
#endif

/// The text of an instance of a subclass of str: what `str.__str__(value)` gives.
NEXUS_COLD inline result<std::string> text_of_subclass(const NexusValue &value)
{
    if (value.kind != NEXUS_KIND_OBJECT) return wrong_type(value, "str");
    NexusObject *builtins = nullptr;
    NexusValue str = nexus_value_none(), text = nexus_value_none();
    const bool is_text = nexus_import("builtins", &builtins, nullptr) == NEXUS_OK &&
                         nexus_object_attr(builtins, "str", &str, nullptr) == NEXUS_OK &&
                         nexus_object_call_method(str.as.object, "__str__", &value, 1, &text, nullptr) == NEXUS_OK &&
                         text.kind == NEXUS_KIND_TEXT;
    std::string copy = is_text ? std::string(text.as.text.data, text.as.text.size) : std::string();
    nexus_value_clear(&text);
    nexus_value_clear(&str);
    nexus_object_free(builtins);
    if (!is_text) return wrong_type(value, "str");
    return copy;
}

template <> struct reader<std::string> {
    static constexpr bool is(Kind kind) noexcept { return kind == NEXUS_KIND_TEXT; }
    static result<std::string> read(const NexusValue &value)
    {
        if (is(value.kind)) return std::string(value.as.text.data, value.as.text.size);
        return text_of_subclass(value);
    }
};

template <> struct reader<std::string_view> {
    static constexpr bool borrows = true;
    static constexpr bool is(Kind kind) noexcept { return kind == NEXUS_KIND_TEXT; }
    static result<std::string_view> read(const NexusValue &value)
    {
        if (is(value.kind)) return std::string_view(value.as.text.data, value.as.text.size);
        return wrong_type(value, "str");
    }
    static bool quick(const NexusValue &value, std::string_view &out) noexcept
    {
        if (is(value.kind)) out = std::string_view(value.as.text.data, value.as.text.size);
        return is(value.kind);
    }
};

// ---- bytes ---------------------------------------------------------------------------------------------

template <> struct writer<bytes_view> {
    static constexpr bool plain = true;
    static NexusValue make(bytes_view in) noexcept { return nexus_value_bytes(in.data(), in.size()); }
};
template <> struct writer<bytes> : writer<bytes_view> {};

template <> struct reader<bytes_view> {
    static constexpr bool borrows = true;
    static constexpr bool is(Kind kind) noexcept { return kind == NEXUS_KIND_BYTES; }
    static result<bytes_view> read(const NexusValue &value)
    {
        if (is(value.kind)) return bytes_view(value.as.text.data, value.as.text.size);
        return wrong_type(value, "bytes");
    }
};

template <> struct reader<bytes> {
    static constexpr bool is(Kind kind) noexcept { return kind == NEXUS_KIND_BYTES; }
    static result<bytes> read(const NexusValue &value)
    {
        if (is(value.kind)) return bytes(value.as.text.data, value.as.text.size);
        return of_buffer(value);
    }

private:
    /// Of anything that has its bytes in one block.
    NEXUS_COLD static result<bytes> of_buffer(const NexusValue &value)
    {
        if (value.kind != NEXUS_KIND_OBJECT) return wrong_type(value, "bytes");
        NexusBufferInfo info = {};
        info.struct_size = sizeof info;
        NexusBuffer *buffer = nullptr;
        result<void> got = check(nexus_buffer_get, static_cast<const NexusObject *>(value.as.object),
                                 static_cast<std::uint32_t>(NEXUS_BUFFER_C_CONTIGUOUS), &buffer, &info);
        if (got ? info.item_size != 1 : got.error().status() == NEXUS_ERR_TYPE) {
            nexus_buffer_free(buffer);
            return wrong_type(value, "bytes");
        }
        if (!got) return std::move(got).error();
        bytes copy(info.size ? info.data : "", info.size);
        nexus_buffer_free(buffer);
        return copy;
    }
};

} // namespace detail

NEXUS_NAMESPACE_END

#endif
