// The memory of Python objects, without a copy: bytes, bytearray, array.array, numpy arrays (PEP 3118).
#ifndef NEXUS_LOADER_BUFFER_HPP
#define NEXUS_LOADER_BUFFER_HPP

#include "containers.hpp"
#include "object.hpp"

#if __cplusplus >= 202002L || (defined(_MSVC_LANG) && _MSVC_LANG >= 202002L)
#include <version>
#endif
#ifdef __cpp_lib_span
#include <span>
#endif

NEXUS_NAMESPACE_BEGIN

/// Lengths or distances, one for each dimension.
class dimensions {
public:
    dimensions(const std::ptrdiff_t *numbers, std::size_t count) noexcept : numbers_(numbers), count_(count) {}
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] std::ptrdiff_t operator[](std::size_t index) const noexcept { return numbers_[index]; }
    [[nodiscard]] const std::ptrdiff_t *begin() const noexcept { return numbers_; }
    [[nodiscard]] const std::ptrdiff_t *end() const noexcept { return numbers_ + count_; }

private:
    const std::ptrdiff_t *numbers_;
    std::size_t count_;
};

namespace detail {

/// What an item is, in the letters of Python's struct module: one for each kind, whatever its size.
/// 'b' int, 'B' unsigned int, 'd' float, '?' bool, 'Z' complex, 0 raw bytes.
template <class T> constexpr char kind_of_item() noexcept
{
    if constexpr (std::is_same_v<T, std::byte>) {
        return 0;
    } else if constexpr (std::is_same_v<T, bool>) {
        return '?';
    } else if constexpr (std::is_same_v<T, char>) {
        return 'c';
    } else if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>) {
        return 'Z';
    } else if constexpr (std::is_floating_point_v<T>) {
        return 'd';
    } else {
        static_assert(is_integer<T>, "nexus: items of memory are numbers, std::complex, bool, char or std::byte");
        return std::is_signed_v<T> ? 'b' : 'B';
    }
}

/// The same of a format; '\1' for one that is another.
inline char kind_of_format(const char *format, std::size_t item_size) noexcept
{
    const std::uint16_t one = 1;
    unsigned char first = 0;
    std::memcpy(&first, &one, 1);
    const char other = first == 1 ? '>' : '<';
    if (std::strchr("@=<>!", *format) && *format) {
        const char order = *format++ == '!' ? '>' : format[-1];
        if (order == other && item_size > 1) return '\1';
    }
    const bool complex = *format == 'Z';
    if (complex) format++;
    if (*format == '\0' || format[1] != '\0') return '\1';
    if (complex) return std::strchr("fd", *format) ? 'Z' : '\1';
    if (std::strchr("bhilqn", *format)) return 'b';
    if (std::strchr("BHILQNP", *format)) return 'B';
    if (std::strchr("efdg", *format)) return 'd';
    return *format == '?' || *format == 'c' ? *format : '\1';
}

template <class T> inline bool is_item(const char *format, std::size_t item_size) noexcept
{
    constexpr char wanted = kind_of_item<T>();
    if constexpr (wanted == 0) {
        return true;
    } else if (item_size != sizeof(T)) {
        return false;
    } else {
        const char kind = kind_of_format(format, item_size);
        return kind == wanted || (wanted == 'c' && (kind == 'b' || kind == 'B'));
    }
}

/// The format that tells Python what a T is.
template <class T> constexpr const char *format_of() noexcept
{
    constexpr char kind = kind_of_item<T>();
    if constexpr (kind == 0) {
        return "B";
    } else if constexpr (kind == '?') {
        return "?";
    } else if constexpr (kind == 'c') {
        return "c";
    } else if constexpr (kind == 'Z') {
        return sizeof(T) == 2 * sizeof(float) ? "Zf" : "Zd";
    } else if constexpr (kind == 'd') {
        return std::is_same_v<T, float> ? "f" : std::is_same_v<T, double> ? "d" : "g";
    } else if constexpr (kind == 'b') {
        return sizeof(T) == 1 ? "b" : sizeof(T) == 2 ? "h" : sizeof(T) == 4 ? "i" : "q";
    } else {
        return sizeof(T) == 1 ? "B" : sizeof(T) == 2 ? "H" : sizeof(T) == 4 ? "I" : "Q";
    }
}

} // namespace detail

/// The memory of an object, whose items are T and may lie at any distance from each other. It stays where it
/// is as long as this lives, and may be used without the GIL; that nobody writes to it meanwhile is the
/// program's business. `const T`: it need not be writable. What was moved from is empty.
template <class T> class StridedBuffer {
public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;

    [[nodiscard]] std::size_t dimension_count() const noexcept { return info_.ndim; }
    /// Items in each dimension.
    [[nodiscard]] dimensions shape() const noexcept { return {info_.shape, info_.ndim}; }
    /// Bytes between neighbours in each dimension; they may be 0 or negative.
    [[nodiscard]] dimensions strides() const noexcept { return {info_.strides, info_.ndim}; }
    /// How many items.
    [[nodiscard]] std::size_t size() const noexcept { return info_.size / sizeof(T); }
    [[nodiscard]] bool empty() const noexcept { return info_.size == 0; }
    [[nodiscard]] std::size_t size_bytes() const noexcept { return info_.size; }
    [[nodiscard]] const char *format() const noexcept { return info_.format ? info_.format : ""; }
    [[nodiscard]] bool read_only() const noexcept { return info_.read_only; }
    [[nodiscard]] bool is_contiguous() const noexcept { return info_.c_contiguous; }
    [[nodiscard]] const NexusBufferInfo &info() const noexcept { return info_; }

    /// The item at these indices, as many as there are dimensions; they are not checked.
    template <class... Index> [[nodiscard]] T &operator()(Index... index) const noexcept
    {
        static_assert((std::is_integral_v<Index> && ...), "an index is an integer");
        const std::ptrdiff_t at[sizeof...(Index) + 1] = {static_cast<std::ptrdiff_t>(index)...};
        assert(sizeof...(Index) == info_.ndim);
        std::ptrdiff_t offset = 0;
        for (std::size_t i = 0; i < sizeof...(Index); i++) offset += at[i] * info_.strides[i];
        using Byte = std::conditional_t<std::is_const_v<T>, const char, char>;
        return *reinterpret_cast<T *>(static_cast<Byte *>(info_.data) + offset);
    }

    /// The same, but NEXUS_ERR_OVERFLOW for indices that are out of range, or not as many as dimensions.
    template <class... Index> [[nodiscard]] result<T *> try_at(Index... index) const
    {
        const std::ptrdiff_t at[sizeof...(Index) + 1] = {static_cast<std::ptrdiff_t>(index)...};
        bool inside = buffer_ && sizeof...(Index) == info_.ndim;
        for (std::size_t i = 0; inside && i < sizeof...(Index); i++) inside = at[i] >= 0 && at[i] < info_.shape[i];
        if (inside) return &(*this)(index...);
        return Error(NEXUS_ERR_OVERFLOW, "no item of the buffer has these indices");
    }

    /// Copies all items, in the order of C.
    [[nodiscard]] result<std::vector<value_type>> try_copy() const
    {
        static_assert(!std::is_same_v<value_type, bool>, "std::vector<bool> has no memory of its own to copy to");
        std::vector<value_type> items(size());
        result<void> copied = detail::check(nexus_buffer_copy_out, static_cast<const NexusBuffer *>(buffer_.get()),
                                            static_cast<std::uint32_t>(NEXUS_ORDER_C), static_cast<void *>(items.data()),
                                            items.size() * sizeof(T), static_cast<std::size_t *>(nullptr));
        if (!copied) return std::move(copied).error();
        return items;
    }

#ifndef NEXUS_NO_EXCEPTIONS
    template <class... Index> [[nodiscard]] T &at(Index... index) const { return *try_at(index...).value(); }
    [[nodiscard]] std::vector<value_type> copy() const { return try_copy().value(); }
#endif

    /// Takes hold of the memory of an object; what Object::try_buffer does.
    static result<StridedBuffer> try_get(const NexusValue &value) { return get<StridedBuffer>(value, 0); }

protected:
    StridedBuffer(NexusBuffer *buffer, const NexusBufferInfo &info) noexcept : buffer_(buffer), info_(info) {}

    template <class Of> static result<Of> get(const NexusValue &value, std::uint32_t flags)
    {
        NexusBuffer *buffer = nullptr;
        NexusBufferInfo info = {};
        info.struct_size = sizeof info;
        if constexpr (!std::is_const_v<T>) flags |= NEXUS_BUFFER_WRITABLE;
        result<void> got = detail::on(value, nexus_buffer_get, flags, &buffer, &info);
        if (!got) return std::move(got).error();
        Of wanted(buffer, info);
        if (!detail::is_item<value_type>(info.format, info.item_size)) {
            return Error(NEXUS_ERR_TYPE, std::string("the items of the buffer are '") + info.format + "' of " +
                                             std::to_string(info.item_size) + " bytes, not '" +
                                             detail::format_of<value_type>() + "' of " + std::to_string(sizeof(T)));
        }
        if constexpr (detail::kind_of_item<value_type>() == 0) {
            if (!info.c_contiguous) return Error(NEXUS_ERR_TYPE, "std::byte needs a buffer that is one block");
            wanted.as_bytes();
        }
        return wanted;
    }

    detail::Handle<NexusBuffer, nexus_buffer_free> buffer_;
    detail::Moving<NexusBufferInfo> info_;

private:
    std::unique_ptr<std::ptrdiff_t[]> flat_;

    /// Whatever the items are, one dimension of bytes.
    void as_bytes()
    {
        flat_ = std::make_unique<std::ptrdiff_t[]>(2);
        flat_[0] = static_cast<std::ptrdiff_t>(info_.size);
        flat_[1] = 1;
        info_.ndim = 1;
        info_.shape = &flat_[0];
        info_.strides = &flat_[1];
        info_.item_size = 1;
        info_.format = "B";
    }
};

/// The memory of an object as one block of T in the order of C: a range, and in C++20 a std::span.
template <class T> class Buffer : public StridedBuffer<T> {
public:
    [[nodiscard]] T *data() const noexcept { return static_cast<T *>(this->info_.data); }
    [[nodiscard]] T *begin() const noexcept { return data(); }
    [[nodiscard]] T *end() const noexcept { return data() + this->size(); }
    /// The item at an index into the block, which is not checked.
    [[nodiscard]] T &operator[](std::size_t index) const noexcept { return data()[index]; }
#ifdef __cpp_lib_span
    [[nodiscard]] std::span<T> span() const noexcept { return {data(), this->size()}; }
    operator std::span<T>() const noexcept { return span(); }
#endif

    static result<Buffer> try_get(const NexusValue &value)
    {
        return StridedBuffer<T>::template get<Buffer>(value, NEXUS_BUFFER_C_CONTIGUOUS);
    }

private:
    friend class StridedBuffer<T>;
    using StridedBuffer<T>::StridedBuffer;
};

template <class T> result<Buffer<T>> Object::try_buffer() const { return Buffer<T>::try_get(value_); }
template <class T> result<StridedBuffer<T>> Object::try_strided_buffer() const { return StridedBuffer<T>::try_get(value_); }

namespace detail {

template <class T> struct buffer_reader {
    static result<T> read(const NexusValue &value) { return T::try_get(value); }
};
template <class T> struct reader<Buffer<T>> : buffer_reader<Buffer<T>> {};
template <class T> struct reader<StridedBuffer<T>> : buffer_reader<StridedBuffer<T>> {};

} // namespace detail

NEXUS_NAMESPACE_END

#endif
