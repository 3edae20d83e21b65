// Memory of the program that Python may see, without a copy.
#ifndef NEXUS_LOADER_MEMORY_HPP
#define NEXUS_LOADER_MEMORY_HPP

#include "buffer.hpp"

NEXUS_NAMESPACE_BEGIN

/// Memory of the program for Python. As an argument of a call it is a memoryview; object() is what
/// numpy.asarray and numpy.from_dlpack take.
///
///     std::vector<double> samples = …;
///     nexus::Memory memory(samples);               // lent: samples must stay where it is
///     module.call("scale", memory);
///
///     nexus::Memory given(std::move(samples));     // given: lives as long as anybody in Python needs it
///
/// Lent memory is taken back when the Memory is destroyed: whoever uses its object in Python later gets a
/// BufferError. As long as Python has a view, though, that is not possible; see revoke().
class Memory {
public:
    Memory() noexcept = default;

    /// Memory that is lent: `const T` for what Python must not write. `shape`: items in each dimension, in the
    /// order of C; one dimension without.
    template <class T>
    [[nodiscard]] static result<Memory> try_lend(T *data, std::size_t count, const std::vector<std::size_t> &shape = {})
    {
        return make(data, count, shape, nullptr, nullptr).transform([](Memory &&memory) {
            memory.lent_ = true;
            return std::move(memory);
        });
    }

    /// A container with data() and size(), such as a std::vector, that is given away.
    template <class Container>
    [[nodiscard]] static result<Memory> try_give(Container &&container, const std::vector<std::size_t> &shape = {})
    {
        static_assert(!std::is_lvalue_reference_v<Container>, "move the container here, or lend it");
        auto kept = std::make_unique<Container>(std::move(container));
        result<Memory> made = make(kept->data(), static_cast<std::size_t>(kept->size()), shape, release<Container>, kept.get());
        if (made) kept.release();
        return made;
    }

    Memory(Memory &&other) noexcept : memory_(std::move(other.memory_)), lent_(other.lent_) {}
    Memory &operator=(Memory &&other) noexcept
    {
        if (this != &other) {
            end();
            memory_ = std::move(other.memory_);
            lent_ = other.lent_;
        }
        return *this;
    }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;
    ~Memory() { end(); }

    /// What Python sees, always the same object.
    [[nodiscard]] result<Object> try_object() const { return made(nexus_memory_object); }
    /// A new memoryview of it.
    [[nodiscard]] result<Object> try_view() const { return made(nexus_memory_view); }
    /// Takes the memory back. NEXUS_ERR_BUSY, and nothing changes, while Python has views of it.
    result<void> try_revoke() const { return detail::check(nexus_memory_revoke, get()); }

#ifndef NEXUS_NO_EXCEPTIONS
    template <class T>
    Memory(T *data, std::size_t count, const std::vector<std::size_t> &shape = {}) : Memory(try_lend(data, count, shape).value())
    {
    }
    /// Lends a container with data() and size(), or is given one: a temporary one, or one that is moved here.
    template <class Container, class = decltype(std::declval<Container &>().data()),
              class = std::enable_if_t<!std::is_base_of_v<Memory, detail::plain_type<Container>>>>
    explicit Memory(Container &&container, const std::vector<std::size_t> &shape = {})
        : Memory(of(std::forward<Container>(container), shape))
    {
    }
    [[nodiscard]] Object object() const { return try_object().value(); }
    [[nodiscard]] Object view() const { return try_view().value(); }
    void revoke() const { try_revoke().value(); }
#endif

    [[nodiscard]] const NexusMemory *get() const noexcept { return memory_.get(); }

private:
    detail::Handle<NexusMemory, nexus_memory_free> memory_;
    bool lent_ = false;

    void end() noexcept
    {
        if (memory_ && lent_) nexus_memory_revoke(memory_.get(), nullptr);
        memory_.reset();
    }

#ifndef NEXUS_NO_EXCEPTIONS
    template <class Container> static Memory of(Container &&container, const std::vector<std::size_t> &shape)
    {
        if constexpr (std::is_lvalue_reference_v<Container>) {
            return try_lend(container.data(), static_cast<std::size_t>(container.size()), shape).value();
        } else {
            return try_give(std::move(container), shape).value();
        }
    }
#endif

    template <class Container> static void release(void *, void *container) noexcept
    {
        delete static_cast<Container *>(container);
    }

    template <class T>
    static result<Memory> make(T *data, std::size_t count, const std::vector<std::size_t> &shape, NexusMemoryRelease release,
                               void *user_data)
    {
        std::vector<std::ptrdiff_t> lengths(shape.begin(), shape.end());
        if (lengths.empty()) lengths.push_back(static_cast<std::ptrdiff_t>(count));
        NexusMemoryLayout layout = {};
        layout.struct_size = sizeof layout;
        layout.flags = std::is_const_v<T> ? NEXUS_MEMORY_READ_ONLY : 0;
        layout.data = const_cast<std::remove_cv_t<T> *>(data);
        layout.size = count * sizeof(T);
        layout.item_size = sizeof(T);
        layout.format = detail::format_of<std::remove_cv_t<T>>();
        layout.ndim = lengths.size();
        layout.shape = lengths.data();
        NexusMemory *memory = nullptr;
        result<void> outcome = detail::check(nexus_memory_new, static_cast<const NexusMemoryLayout *>(&layout), release, user_data, &memory);
        if (!outcome) return std::move(outcome).error();
        Memory wanted;
        wanted.memory_.reset(memory);
        return wanted;
    }

    result<Object> made(NexusStatus (*function)(const NexusMemory *, NexusObject **, NexusError **)) const
    {
        NexusObject *object = nullptr;
        result<void> outcome = detail::check(function, get(), &object);
        if (!outcome) return std::move(outcome).error();
        return Object(object);
    }
};

namespace detail {

template <> struct writer<Memory> {
    static result<void> write(const Memory &memory, NexusValue &out, Keep &keep)
    {
        result<Object> view = memory.try_view();
        if (!view) return std::move(view).error();
        out = keep.add(view->release());
        return {};
    }
};

} // namespace detail

NEXUS_NAMESPACE_END

#endif
