// Containers, both ways: each is made or read in one crossing, and nested ones under one hold of the GIL.
//
//     None or a T       std::optional<T>
//     one of several    std::variant<…>: the alternative that is meant for the value's type, else the first
//                       that takes it
//     tuple             std::tuple<…>, std::pair<…>; from any sequence of that length
//     list              std::vector, std::array, std::deque, std::list, std::span and other ranges; from any
//                       sequence but str and bytes
//     bytes             the same of std::byte
//     dict              std::map, std::unordered_map and other maps; from any mapping
//     set               std::set, std::unordered_set and other sets; from frozensets, too
//     complex           std::complex<double>
//     anything          nexus::Object, nexus::Module; NexusValue as an argument
//     what you say      nexus::convert<T>
#ifndef NEXUS_LOADER_CONTAINERS_HPP
#define NEXUS_LOADER_CONTAINERS_HPP

#include "object.hpp"
#include "scalars.hpp"

#include <array>
#include <complex>
#include <iterator>
#include <tuple>
#include <variant>

NEXUS_NAMESPACE_BEGIN
namespace detail {

template <class T> constexpr bool always_false = false;

// ---- Objects -------------------------------------------------------------------------------------------

template <class T> struct writer<T, std::enable_if_t<std::is_base_of_v<Object, T>>> {
    static constexpr bool plain = true;
    static NexusValue make(const Object &object) noexcept { return object.value(); }
};
template <> struct writer<NexusValue> {
    static constexpr bool plain = true;
    static NexusValue make(const NexusValue &value) noexcept { return value; }
};

template <class T> struct reader<T, std::enable_if_t<std::is_base_of_v<Object, T>>> {
    static constexpr bool is(Kind) noexcept { return true; }
    static result<T> read(const NexusValue &value)
    {
        const Borrowed lent(value);
        return static_cast<const Object &>(lent).try_clone().transform([](Object &&clone) { return made(std::move(clone)); });
    }
    static result<T> take(NexusValue &value) { return made(Object(std::exchange(value, nexus_value_none()))); }

private:
    static T made(Object &&object) noexcept
    {
        T wanted;
        static_cast<Object &>(wanted) = std::move(object);
        return wanted;
    }
};

/// Lets a value outlive what it was written of, which its text or handle may belong to.
inline result<void> outlive(NexusValue &value, Keep &keep)
{
    if (value.kind != NEXUS_KIND_TEXT && value.kind != NEXUS_KIND_BYTES && value.kind != NEXUS_KIND_OBJECT) return {};
    if (value.kind == NEXUS_KIND_OBJECT && keep.has(value.as.object)) return {};
    NexusObject *own = nullptr;
    result<void> made = check(nexus_object_new, static_cast<const NexusValue *>(&value), &own);
    value = made ? keep.add(own) : nexus_value_none();
    return made;
}

// ---- Types of the user's -------------------------------------------------------------------------------

template <class T> struct is_result : std::false_type {};
template <class T> struct is_result<result<T>> : std::true_type {};

template <class T>
using to_python_type = plain_type<decltype(convert<T>::to_python(std::declval<const T &>()))>;

template <class T> struct writer<T, std::void_t<to_python_type<T>>> {
    static constexpr bool attaches = true;
    static result<void> write(const T &in, NexusValue &out, Keep &keep)
    {
        if constexpr (is_result<to_python_type<T>>::value) {
            auto made = convert<T>::to_python(in);
            if (!made) return std::move(made).error();
            return kept(*std::move(made), out, keep);
        } else {
            return kept(convert<T>::to_python(in), out, keep);
        }
    }

private:
    template <class Made> static result<void> kept(Made &&made, NexusValue &out, Keep &keep)
    {
        if constexpr (std::is_same_v<plain_type<Made>, Object> && !std::is_lvalue_reference_v<Made>) {
            out = keep.add(made.release());
            return {};
        } else {
            result<void> written = detail::write(made, out, keep);
            return written ? outlive(out, keep) : std::move(written);
        }
    }
};

template <class T> using from_python_type = plain_type<decltype(convert<T>::from_python(std::declval<const Object &>()))>;

template <class T> struct reader<T, std::void_t<from_python_type<T>>> {
    static constexpr bool attaches = true;
    static result<T> read(const NexusValue &value) { return convert<T>::from_python(Borrowed(value)); }
};

// ---- optional and variant ------------------------------------------------------------------------------

template <class T> struct writer<std::optional<T>, std::enable_if_t<is_plain<T>::value>> {
    static constexpr bool plain = true;
    static NexusValue make(const std::optional<T> &in) noexcept { return in ? writer<T>::make(*in) : nexus_value_none(); }
};
template <class T> struct writer<std::optional<T>, std::enable_if_t<!is_plain<T>::value>> {
    static constexpr bool attaches = makes_several<T>::value;
    static result<void> write(const std::optional<T> &in, NexusValue &out, Keep &keep)
    {
        if (in) return detail::write(*in, out, keep);
        return out = nexus_value_none(), result<void>();
    }
};

template <class T> struct optional_reader {
    static constexpr bool attaches = reads_several<T>::value;
    static constexpr bool borrows = is_view<T>::value;
    static result<std::optional<T>> read(const NexusValue &value)
    {
        if (value.kind == NEXUS_KIND_NONE) return std::optional<T>();
        return reader<T>::read(value).transform([](T &&it) { return std::optional<T>(std::move(it)); });
    }
    static result<std::optional<T>> take(NexusValue &value)
    {
        if (value.kind == NEXUS_KIND_NONE) return std::optional<T>();
        return detail::take<T>(value).transform([](T &&it) { return std::optional<T>(std::move(it)); });
    }
};
template <class T> struct reader<std::optional<T>> : optional_reader<T> {};

template <class... T> struct writer<std::variant<T...>> {
    static constexpr bool attaches = (makes_several<T>::value || ...);
    static result<void> write(const std::variant<T...> &in, NexusValue &out, Keep &keep)
    {
        result<void> written;
        // std::visit throws; and a variant that an exception has left empty is None.
        out = nexus_value_none();
        (void)((write_if<T>(std::get_if<T>(&in), written, out, keep)) || ...);
        return written;
    }

private:
    template <class Alternative>
    static bool write_if(const Alternative *it, result<void> &written, NexusValue &out, Keep &keep)
    {
        if (it) written = detail::write(*it, out, keep);
        return it != nullptr;
    }
};

template <class... T> struct reader<std::variant<T...>> {
    static constexpr bool attaches = (reads_several<T>::value || ...);
    static constexpr bool borrows = (is_view<T>::value || ...);
    static result<std::variant<T...>> read(const NexusValue &value)
    {
        std::optional<result<std::variant<T...>>> found;
        (void)(read_if<T>(is_for<T>(value.kind), value, found) || ...);
        if (!found) (void)(read_if<T>(true, value, found) || ...);
        if (found) return std::move(*found);
        return wrong_type(value, "what an alternative of the std::variant takes");
    }

private:
    template <class Alternative> static bool is_for(Kind kind) noexcept
    {
        if constexpr (has_kind<Alternative>::value && !std::is_base_of_v<Object, Alternative>) {
            return reader<Alternative>::is(kind);
        } else {
            return (void)kind, false;
        }
    }
    /// Leaves a value, or an error that is not that of a type or number that does not fit.
    template <class Alternative>
    static bool read_if(bool wanted, const NexusValue &value, std::optional<result<std::variant<T...>>> &found)
    {
        if (!wanted) return false;
        result<Alternative> it = reader<Alternative>::read(value);
        if (it) {
            found.emplace(std::variant<T...>(std::in_place_type<Alternative>, *std::move(it)));
        } else if (it.error().status() != NEXUS_ERR_TYPE && it.error().status() != NEXUS_ERR_OVERFLOW) {
            found.emplace(std::move(it).error());
        }
        return found.has_value();
    }
};

// ---- Many values at once -------------------------------------------------------------------------------

/// Values that C functions have filled in; cleared in one crossing.
class Values {
public:
    Values() noexcept = default;
    Values(const Values &) = delete;
    Values &operator=(const Values &) = delete;
    ~Values() { clear(); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] NexusValue &operator[](std::size_t index) noexcept { return data_[index]; }

    void clear() noexcept
    {
        if (size_ > 0) nexus_values_clear(data_, size_);
        size_ = 0;
    }

    /// Room for so many.
    NexusValue *reserve(std::size_t capacity)
    {
        clear();
        if (capacity <= few) return data_ = few_;
        many_.resize(capacity);
        return data_ = many_.data();
    }
    void filled(std::size_t size) noexcept { size_ = size; }

    /// All items of a sequence; short ones without asking for the length.
    result<void> read_sequence(const NexusObject *sequence)
    {
        std::size_t count = 0;
        result<void> outcome = check(nexus_sequence_read, sequence, std::size_t{0}, reserve(few), few, &count);
        if (!outcome) return outcome;
        filled(count);
        if (count < few) return outcome;
        std::size_t length = 0;
        outcome = check(nexus_object_length, sequence, &length);
        if (!outcome) return outcome;
        outcome = check(nexus_sequence_read, sequence, std::size_t{0}, reserve(length), length, &count);
        if (outcome) filled(count);
        return outcome;
    }

private:
    static constexpr std::size_t few = 16;
    NexusValue few_[few];
    std::vector<NexusValue> many_;
    NexusValue *data_ = nullptr;
    std::size_t size_ = 0;
};

template <class T> inline result<T> item_of(NexusValue &value, const char *what, std::size_t index)
{
    static_assert(!is_view<T>::value, "views of items would dangle: ask for copies (std::string, nexus::bytes)");
    result<T> item = detail::take<T>(value);
    if (item) return item;
    return within(std::string(what) + " " + std::to_string(index), std::move(item).error());
}

// ---- tuple and pair ------------------------------------------------------------------------------------

/// Writes items to values, and makes one object of them.
template <class Each>
inline result<void> make_of(std::size_t count, NexusStatus (*make)(const NexusValue *, std::size_t, NexusObject **, NexusError **),
                            NexusValue &out, Keep &keep, Each &&each)
{
    std::vector<NexusValue> values(count);
    result<void> written = each(values.data());
    if (!written) return written;
    NexusObject *made = nullptr;
    written = check(make, static_cast<const NexusValue *>(values.data()), count, &made);
    if (written) out = keep.add(made);
    return written;
}

template <class Tuple, class... T> struct tuple_writer {
    static constexpr bool attaches = true;
    static result<void> write(const Tuple &in, NexusValue &out, Keep &keep)
    {
        return write(in, out, keep, std::index_sequence_for<T...>());
    }

private:
    template <std::size_t... Index>
    static result<void> write(const Tuple &in, NexusValue &out, Keep &keep, std::index_sequence<Index...>)
    {
        return make_of(sizeof...(T), nexus_tuple_new, out, keep, [&]([[maybe_unused]] NexusValue *values) {
            result<void> written;
            (void)((written = detail::write(std::get<Index>(in), values[Index], keep), written.has_value()) && ...);
            return written;
        });
    }
};
template <class... T> struct writer<std::tuple<T...>> : tuple_writer<std::tuple<T...>, plain_type<T>...> {};
template <class A, class B> struct writer<std::pair<A, B>> : tuple_writer<std::pair<A, B>, plain_type<A>, plain_type<B>> {};

template <class Tuple, class... T> struct tuple_reader {
    static constexpr bool attaches = true;
    static result<Tuple> read(const NexusValue &value) { return read(value, std::index_sequence_for<T...>()); }

private:
    template <std::size_t... Index> static result<Tuple> read(const NexusValue &value, std::index_sequence<Index...>)
    {
        if (value.kind != NEXUS_KIND_OBJECT) return wrong_type(value, "a tuple");
        Values values;
        result<void> outcome = values.read_sequence(value.as.object);
        if (!outcome) return std::move(outcome).error();
        if (values.size() != sizeof...(T))
            return Error(NEXUS_ERR_TYPE, "expected " + std::to_string(sizeof...(T)) + " items, got " + std::to_string(values.size()));
        std::tuple<result<T>...> items{item_of<T>(values[Index], "item", Index)...};
        (void)((outcome = failure(std::get<Index>(items)), outcome.has_value()) && ...);
        if (!outcome) return std::move(outcome).error();
        return Tuple(*std::move(std::get<Index>(items))...);
    }
    template <class Item> static result<void> failure(result<Item> &item)
    {
        return item ? result<void>() : result<void>(std::move(item).error());
    }
};
template <class... T> struct reader<std::tuple<T...>> : tuple_reader<std::tuple<T...>, T...> {};
template <class A, class B> struct reader<std::pair<A, B>> : tuple_reader<std::pair<A, B>, A, B> {};

// ---- Lists ---------------------------------------------------------------------------------------------

template <class T, class = void> struct item_type {
    static constexpr bool is_range = false;
};
/// What has begin(), end() and items of another type; std::filesystem::path, whose items are paths, has not.
template <class T> struct item_type<T, std::void_t<typename T::value_type, decltype(std::declval<const T &>().begin() != std::declval<const T &>().end())>> {
    using type = std::remove_cv_t<typename T::value_type>;
    static constexpr bool is_range = !std::is_same_v<plain_type<decltype(*std::declval<const T &>().begin())>, T> &&
                                     !is_character<type>::value && !std::is_base_of_v<Object, T> &&
                                     !std::is_same_v<T, bytes> && !std::is_same_v<T, bytes_view>;
};

template <class T, class = void> struct has_key : std::false_type {};
template <class T> struct has_key<T, std::void_t<typename T::key_type>> : std::true_type {};
template <class T, class = void> struct has_mapped : std::false_type {};
template <class T> struct has_mapped<T, std::void_t<typename T::mapped_type>> : std::true_type {};
template <class T, class = void> struct has_data : std::false_type {};
template <class T> struct has_data<T, std::void_t<decltype(std::declval<const T &>().data()), decltype(std::declval<const T &>().size())>> : std::true_type {};
template <class T, class = void> struct has_push_back : std::false_type {};
template <class T> struct has_push_back<T, std::void_t<decltype(std::declval<T &>().push_back(std::declval<typename T::value_type>()))>> : std::true_type {};
template <class T, class = void> struct is_converted : std::false_type {};
template <class T> struct is_converted<T, std::void_t<decltype(sizeof(convert<T>))>> : std::true_type {};

template <class T> constexpr bool is_map = item_type<T>::is_range && has_key<T>::value && has_mapped<T>::value && !is_converted<T>::value;
template <class T> constexpr bool is_set = item_type<T>::is_range && has_key<T>::value && !has_mapped<T>::value && !is_converted<T>::value;
template <class T> constexpr bool is_list = item_type<T>::is_range && !has_key<T>::value && !is_converted<T>::value;

template <class Range> inline std::size_t length_of(const Range &range)
{
    return static_cast<std::size_t>(std::distance(range.begin(), range.end()));
}

/// Writes the items of a range, each of which must be somewhere: their texts are only lent.
template <class T, class Range>
inline result<void> write_items(const Range &range, NexusValue *values, Keep &keep)
{
    static_assert(std::is_reference_v<decltype(*range.begin())> || std::is_arithmetic_v<T>,
                  "the items of this range are temporaries: copy them to a std::vector first");
    result<void> written;
    std::size_t index = 0;
    for (auto &&item : range) {
        if constexpr (is_plain<T>::value) {
            values[index] = writer<T>::make(item);
        } else {
            const T &it = item;
            written = detail::write(it, values[index], keep);
            if (!written) return within("item " + std::to_string(index), std::move(written).error());
        }
        index++;
    }
    return written;
}

template <class T> struct writer<T, std::enable_if_t<is_list<T>>> {
    using Item = typename item_type<T>::type;
    static constexpr bool attaches = true;
    static result<void> write(const T &in, NexusValue &out, Keep &keep)
    {
        if constexpr (std::is_same_v<Item, std::byte>) {
            return write_bytes(in, out, keep);
        } else if constexpr (is_integer<Item> && !is_wide<Item>) {
            return write_numbers<std::int64_t>(in, nexus_list_new_integers, out, keep);
        } else if constexpr (is_real<Item>) {
            return write_numbers<double>(in, nexus_list_new_reals, out, keep);
        } else {
            return make_of(length_of(in), nexus_list_new, out, keep,
                           [&](NexusValue *values) { return write_items<Item>(in, values, keep); });
        }
    }

private:
    template <class Number>
    static result<void> write_numbers(const T &in, NexusStatus (*make)(const Number *, std::size_t, NexusObject **, NexusError **),
                                      NexusValue &out, Keep &keep)
    {
        NexusObject *list = nullptr;
        result<void> made;
        if constexpr (std::is_same_v<Item, Number> && has_data<T>::value) {
            made = check(make, static_cast<const Number *>(in.data()), static_cast<std::size_t>(in.size()), &list);
        } else {
            const std::vector<Number> numbers(in.begin(), in.end());
            made = check(make, numbers.data(), numbers.size(), &list);
        }
        if (made) out = keep.add(list);
        return made;
    }
    static result<void> write_bytes(const T &in, NexusValue &out, Keep &keep)
    {
        if constexpr (has_data<T>::value) {
            return (void)keep, out = nexus_value_bytes(in.data(), static_cast<std::size_t>(in.size())), result<void>();
        } else {
            const std::vector<std::byte> block(in.begin(), in.end());
            const NexusValue lent = nexus_value_bytes(block.data(), block.size());
            NexusObject *made = nullptr;
            result<void> outcome = check(nexus_object_new, &lent, &made);
            if (outcome) out = keep.add(made);
            return outcome;
        }
    }
};

template <class T> struct reader<T, std::enable_if_t<is_list<T> && has_push_back<T>::value>> {
    using Item = typename item_type<T>::type;
    static constexpr bool attaches = true;
    static result<T> read(const NexusValue &value)
    {
        if constexpr (std::is_same_v<Item, std::byte>) {
            return reader<bytes>::read(value).transform([](bytes &&all) { return T(all.begin(), all.end()); });
        } else {
            if (value.kind != NEXUS_KIND_OBJECT) return wrong_type(value, "a list");
            if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
                return read_numbers<std::int64_t>(value.as.object, nexus_sequence_read_integers);
            } else if constexpr (std::is_same_v<T, std::vector<double>>) {
                return read_numbers<double>(value.as.object, nexus_sequence_read_reals);
            } else {
                return read_items(value.as.object);
            }
        }
    }

private:
    static result<T> read_items(const NexusObject *sequence)
    {
        Values values;
        result<void> outcome = values.read_sequence(sequence);
        if (!outcome) return std::move(outcome).error();
        T all;
        for (std::size_t index = 0; index < values.size(); index++) {
            result<Item> item = item_of<Item>(values[index], "item", index);
            if (!item) return std::move(item).error();
            all.push_back(*std::move(item));
        }
        return all;
    }

    template <class Number>
    static result<T> read_numbers(const NexusObject *sequence,
                                  NexusStatus (*read)(const NexusObject *, std::size_t, Number *, std::size_t, std::size_t *, NexusError **))
    {
        std::size_t count = 0;
        result<void> outcome = check(nexus_object_length, sequence, &count);
        if (!outcome) return std::move(outcome).error();
        T all(count);
        outcome = check(read, sequence, std::size_t{0}, all.data(), all.size(), &count);
        if (!outcome) return std::move(outcome).error();
        all.resize(count);
        return all;
    }
};

template <class T, std::size_t Size> struct reader<std::array<T, Size>> {
    static constexpr bool attaches = true;
    static result<std::array<T, Size>> read(const NexusValue &value)
    {
        return reader<std::vector<T>>::read(value).and_then([](std::vector<T> &&all) {
            return from(std::move(all), std::make_index_sequence<Size>());
        });
    }

private:
    template <std::size_t... Index>
    static result<std::array<T, Size>> from(std::vector<T> &&all, std::index_sequence<Index...>)
    {
        if (all.size() != Size)
            return Error(NEXUS_ERR_TYPE, "expected " + std::to_string(Size) + " items, got " + std::to_string(all.size()));
        return std::array<T, Size>{{static_cast<T>(std::move(all[Index]))...}};
    }
};

// ---- dict ----------------------------------------------------------------------------------------------

template <class T> struct writer<T, std::enable_if_t<is_map<T>>> {
    static constexpr bool attaches = true;
    static result<void> write(const T &in, NexusValue &out, Keep &keep)
    {
        const std::size_t count = length_of(in);
        std::vector<NexusValue> values(2 * count);
        std::size_t index = 0;
        for (const auto &entry : in) {
            result<void> written = detail::write(entry.first, values[index], keep);
            if (!written) return within("key " + std::to_string(index), std::move(written).error());
            written = detail::write(entry.second, values[count + index], keep);
            if (!written) return within("value " + std::to_string(index), std::move(written).error());
            index++;
        }
        const NexusValue *keys = values.data();
        NexusObject *dict = nullptr;
        result<void> made = check(nexus_dict_new, keys, keys + count, count, &dict);
        if (made) out = keep.add(dict);
        return made;
    }
};

template <class T> struct reader<T, std::enable_if_t<is_map<T>>> {
    static constexpr bool attaches = true;
    static result<T> read(const NexusValue &value)
    {
        if (value.kind != NEXUS_KIND_OBJECT) return wrong_type(value, "a dict");
        const NexusObject *dict = value.as.object;
        std::size_t count = 0;
        result<void> outcome = check(nexus_dict_read, dict, static_cast<NexusValue *>(nullptr),
                                     static_cast<NexusValue *>(nullptr), std::size_t{0}, &count);
        if (!outcome) return std::move(outcome).error();
        Values keys, values;
        // Two statements: what is reserved must be known before the call.
        NexusValue *first = keys.reserve(count), *second = values.reserve(count);
        outcome = check(nexus_dict_read, dict, first, second, count, &count);
        if (!outcome) return std::move(outcome).error();
        keys.filled(count);
        values.filled(count);
        T all;
        for (std::size_t index = 0; index < count; index++) {
            result<typename T::key_type> key = item_of<typename T::key_type>(keys[index], "key", index);
            if (!key) return std::move(key).error();
            result<typename T::mapped_type> it = item_of<typename T::mapped_type>(values[index], "value", index);
            if (!it) return std::move(it).error();
            all.emplace(*std::move(key), *std::move(it));
        }
        return all;
    }
};

// ---- set -----------------------------------------------------------------------------------------------

template <class T> struct writer<T, std::enable_if_t<is_set<T>>> {
    static constexpr bool attaches = true;
    static result<void> write(const T &in, NexusValue &out, Keep &keep)
    {
        return make_of(length_of(in), nexus_set_new, out, keep, [&](NexusValue *values) {
            return write_items<typename item_type<T>::type>(in, values, keep);
        });
    }
};

template <class T> struct reader<T, std::enable_if_t<is_set<T>>> {
    static constexpr bool attaches = true;
    static result<T> read(const NexusValue &value)
    {
        if (value.kind != NEXUS_KIND_OBJECT) return wrong_type(value, "a set");
        const NexusObject *set = value.as.object;
        std::size_t count = 0;
        result<void> outcome = check(nexus_set_read, set, static_cast<NexusValue *>(nullptr), std::size_t{0}, &count);
        if (!outcome) return std::move(outcome).error();
        Values values;
        NexusValue *room = values.reserve(count);
        outcome = check(nexus_set_read, set, room, count, &count);
        if (!outcome) return std::move(outcome).error();
        values.filled(count);
        T all;
        for (std::size_t index = 0; index < count; index++) {
            result<typename T::key_type> item = item_of<typename T::key_type>(values[index], "item", index);
            if (!item) return std::move(item).error();
            all.insert(*std::move(item));
        }
        return all;
    }
};

// ---- complex -------------------------------------------------------------------------------------------

template <> struct writer<std::complex<double>> {
    static result<void> write(const std::complex<double> &in, NexusValue &out, Keep &keep)
    {
        NexusObject *number = nullptr;
        result<void> made = check(nexus_complex_new, in.real(), in.imag(), &number);
        if (made) out = keep.add(number);
        return made;
    }
};

template <> struct reader<std::complex<double>> {
    static result<std::complex<double>> read(const NexusValue &value)
    {
        if (value.kind != NEXUS_KIND_OBJECT) return wrong_type(value, "complex");
        double real = 0, imaginary = 0;
        result<void> outcome = check(nexus_complex_read, static_cast<const NexusObject *>(value.as.object), &real, &imaginary);
        if (!outcome && outcome.error().status() == NEXUS_ERR_TYPE) return wrong_type(value, "complex");
        if (!outcome) return std::move(outcome).error();
        return std::complex<double>(real, imaginary);
    }
};

// ---- What has no conversion ----------------------------------------------------------------------------

template <class T, class> struct writer {
    static_assert(always_false<T>, "nexus: no Python object is made of a C++ value of this type. Character types, "
                                   "pointers and integers beyond 64 bits have none; for a class of your own, "
                                   "specialize nexus::convert<T>");
};
template <class T, class> struct reader {
    static_assert(always_false<T>, "nexus: no C++ value of this type is made of a Python object; for a class of your "
                                   "own, specialize nexus::convert<T>");
};

} // namespace detail
NEXUS_NAMESPACE_END

#endif
