// Iteration over anything that Python can iterate.
#ifndef NEXUS_LOADER_ITERATE_HPP
#define NEXUS_LOADER_ITERATE_HPP

#include "arguments.hpp"
#include "containers.hpp"
#include "object.hpp"

NEXUS_NAMESPACE_BEGIN

/// A Python iterator: `while (auto item = iterator.try_next()) if (!*item) break; else …`
class Iterator {
public:
    /// Takes over an iterator: what Object::try_iterate made, or a generator.
    explicit Iterator(Object iterator) noexcept : iterator_(std::move(iterator)) {}

    /// The next item, or nothing at the end.
    template <class T = Object> [[nodiscard]] result<std::optional<T>> try_next()
    {
        NexusValue value;
        NexusError *error = nullptr;
        const Status status = nexus_object_next(iterator_.value().as.object, &value, &error);
        if (status == NEXUS_ERR_END) return std::optional<T>();
        if (status != NEXUS_OK) return Error(status, error);
        return detail::returned<T>(value).transform([](T &&item) { return std::optional<T>(std::move(item)); });
    }
#ifndef NEXUS_NO_EXCEPTIONS
    template <class T = Object> [[nodiscard]] std::optional<T> next() { return try_next<T>().value(); }
#endif

    [[nodiscard]] const Object &object() const noexcept { return iterator_; }

private:
    Object iterator_;
};

inline result<Iterator> Object::try_iterate() const
{
    NexusObject *iterator = nullptr;
    return detail::on(value_, nexus_object_iterate, &iterator).and_then([&]() -> result<Iterator> {
        return Iterator(Object(iterator));
    });
}

#ifndef NEXUS_NO_EXCEPTIONS

/// The items of an object as a range that can be gone through once.
template <class T> class Items {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = T *;
        using reference = T &&;

        iterator() noexcept = default;
        explicit iterator(Items *items) : items_(items) { ++*this; }
        /// The item, which may be moved from.
        reference operator*() const noexcept { return std::move(*items_->current_); }
        pointer operator->() const noexcept { return &*items_->current_; }
        iterator &operator++()
        {
            if (!items_->advance()) items_ = nullptr;
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator &a, const iterator &b) noexcept { return a.items_ == b.items_; }
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return a.items_ != b.items_; }

    private:
        Items *items_ = nullptr;
    };

    Items(const Object &object, std::size_t at_once)
        : iterator_(object.try_iterate().value()), at_once_(at_once > 0 ? at_once : 1)
    {
    }

    [[nodiscard]] iterator begin() { return iterator(this); }
    [[nodiscard]] iterator end() noexcept { return iterator(); }

private:
    Iterator iterator_;
    std::size_t at_once_;
    std::optional<T> current_;
    std::unique_ptr<detail::Values> values_;
    std::size_t index_ = 0;
    bool ended_ = false;

    bool advance()
    {
        if (at_once_ == 1) {
            current_ = iterator_.next<T>();
            return current_.has_value();
        }
        if (!values_) values_ = std::make_unique<detail::Values>();
        if (index_ == values_->size()) {
            if (ended_ || !fetch()) return false;
        }
        [[maybe_unused]] const detail::Attached<detail::reads_several<T>::value> attached;
        current_ = detail::item_of<T>((*values_)[index_], "item", index_).value();
        index_++;
        return true;
    }

    bool fetch()
    {
        NexusValue *room = values_->reserve(at_once_);
        index_ = 0;
        std::size_t count = 0;
        NexusError *error = nullptr;
        const Status status = nexus_object_next_many(iterator_.object().value().as.object, room, at_once_, &count, &error);
        if (status != NEXUS_OK && status != NEXUS_ERR_END) Error(status, error).raise();
        values_->filled(count);
        ended_ = count < at_once_;
        return count > 0;
    }
};

template <class T> Items<T> Object::items(std::size_t at_once) const { return Items<T>(*this, at_once); }

namespace detail {

/// The iterator of `for (… : object)`, which has its Items with it.
class ObjectIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Object;
    using difference_type = std::ptrdiff_t;
    using pointer = Object *;
    using reference = Object &&;

    ObjectIterator() noexcept = default;
    explicit ObjectIterator(const Object &object) : iterator_(std::make_shared<Iterator>(object.try_iterate().value())) { ++*this; }
    reference operator*() const noexcept { return std::move(*current_); }
    pointer operator->() const noexcept { return current_.get(); }
    ObjectIterator &operator++()
    {
        std::optional<Object> item = iterator_->next();
        current_ = item ? std::make_shared<Object>(std::move(*item)) : nullptr;
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const ObjectIterator &a, const ObjectIterator &b) noexcept { return a.current_ == b.current_; }
    friend bool operator!=(const ObjectIterator &a, const ObjectIterator &b) noexcept { return a.current_ != b.current_; }

private:
    std::shared_ptr<Iterator> iterator_;
    std::shared_ptr<Object> current_;
};

} // namespace detail

inline auto Object::begin() const { return detail::ObjectIterator(*this); }
inline auto Object::end() const { return (void)this, detail::ObjectIterator(); }

#endif

NEXUS_NAMESPACE_END

#endif
