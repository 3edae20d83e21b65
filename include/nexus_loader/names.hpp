// Lists of names.
#ifndef NEXUS_LOADER_NAMES_HPP
#define NEXUS_LOADER_NAMES_HPP

#include "result.hpp"

#include <cstddef>
#include <iterator>

NEXUS_NAMESPACE_BEGIN

namespace detail {

/// A C handle and the function that frees it.
template <class T, void (*Free)(T *)> struct Freeing {
    void operator()(T *handle) const noexcept { Free(handle); }
};
template <class T, void (*Free)(T *)> using Handle = std::unique_ptr<T, Freeing<T, Free>>;

/// A text of the C interface; empty where that gives NULL, as it does for a handle that was moved away.
inline std::string_view view(const char *text) noexcept { return text ? text : std::string_view(); }

/// The facts about a handle, which move with it: what was moved from holds none.
template <class T> struct Moving : T {
    explicit Moving(const T &facts) noexcept : T(facts) {}
    Moving(Moving &&other) noexcept : T(std::exchange<T>(other, T())) {}
    Moving &operator=(Moving &&other) noexcept { return T::operator=(std::exchange<T>(other, T())), *this; }
};

/// The iterator of a list that is read by index. `at(index)` of the list gives the item, by value.
template <class List> class Indexed {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = decltype(std::declval<const List &>()[std::size_t{}]);
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    Indexed() = default;
    Indexed(const List *list, std::size_t index) noexcept : list_(list), index_(index) {}
    reference operator*() const { return (*list_)[index_]; }
    Indexed &operator++() noexcept { return ++index_, *this; }
    Indexed operator++(int) noexcept { return Indexed(list_, index_++); }
    friend bool operator==(const Indexed &a, const Indexed &b) noexcept { return a.index_ == b.index_; }
    friend bool operator!=(const Indexed &a, const Indexed &b) noexcept { return a.index_ != b.index_; }

private:
    const List *list_ = nullptr;
    std::size_t index_ = 0;
};

} // namespace detail

/// A list of names in UTF-8, which live as long as the list.
class Names {
public:
    Names() noexcept = default;
    /// Takes over a list of the C interface.
    explicit Names(NexusNames *names) noexcept : names_(names) {}

    [[nodiscard]] std::size_t size() const noexcept { return nexus_names_count(get()); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// The name at an index, which must be below size().
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept
    {
        return detail::view(nexus_names_at(get(), index));
    }

    using const_iterator = detail::Indexed<Names>;
    using iterator = const_iterator;
    using value_type = std::string_view;
    [[nodiscard]] const_iterator begin() const noexcept { return {this, 0}; }
    [[nodiscard]] const_iterator end() const noexcept { return {this, size()}; }

    [[nodiscard]] std::vector<std::string> strings() const
    {
        std::vector<std::string> all;
        all.reserve(size());
        for (const std::string_view name : *this) all.emplace_back(name);
        return all;
    }

    [[nodiscard]] const NexusNames *get() const noexcept { return names_.get(); }

private:
    detail::Handle<NexusNames, nexus_names_free> names_;
};

NEXUS_NAMESPACE_END

#endif
