// DLPack tensors of Python objects: arrays of numpy, PyTorch, CuPy, on any device.
#ifndef NEXUS_LOADER_TENSOR_HPP
#define NEXUS_LOADER_TENSOR_HPP

#include "object.hpp"

NEXUS_NAMESPACE_BEGIN

/// A tensor, whose memory stays where it is as long as this lives.
class Tensor {
public:
    /// What it is like; strides are in items. The pointers are valid as long as the Tensor; all zero when it was
    /// moved from.
    [[nodiscard]] const NexusTensorInfo &info() const noexcept { return info_; }

    /// Hands over the DLPack struct itself; the host calls its deleter.
    [[nodiscard]] result<void *> try_take() &&
    {
        void *managed = nullptr;
        result<void> taken = detail::check(nexus_tensor_take, tensor_.get(), &managed);
        if (!taken) return std::move(taken).error();
        (void)tensor_.release();
        return managed;
    }
#ifndef NEXUS_NO_EXCEPTIONS
    [[nodiscard]] void *take() && { return std::move(*this).try_take().value(); }
#endif

    /// What Object::try_tensor does.
    static result<Tensor> try_get(const NexusValue &value, std::uint32_t flags = 0)
    {
        NexusTensor *tensor = nullptr;
        NexusTensorInfo info = {};
        info.struct_size = sizeof info;
        result<void> got = detail::on(value, nexus_tensor_get, flags, &tensor, &info);
        if (!got) return std::move(got).error();
        return Tensor(tensor, info);
    }

private:
    Tensor(NexusTensor *tensor, const NexusTensorInfo &info) noexcept : tensor_(tensor), info_(info) {}
    detail::Handle<NexusTensor, nexus_tensor_free> tensor_;
    detail::Moving<NexusTensorInfo> info_;
};

inline result<Tensor> Object::try_tensor(std::uint32_t flags) const { return Tensor::try_get(value_, flags); }

/// An object with `__dlpack__` of a tensor of the host; it is nexus_loader's from then on. `managed`: a
/// DLManagedTensorVersioned with `version_major` 1, a DLManagedTensor with 0.
[[nodiscard]] inline result<Object> try_tensor(void *managed, std::uint32_t version_major)
{
    NexusObject *object = nullptr;
    result<void> made = detail::check(nexus_tensor_export, managed, version_major, &object);
    if (!made) return std::move(made).error();
    return Object(object);
}

namespace detail {
template <> struct reader<Tensor> {
    static result<Tensor> read(const NexusValue &value) { return Tensor::try_get(value); }
};
} // namespace detail

#ifndef NEXUS_NO_EXCEPTIONS
inline Tensor Object::tensor(std::uint32_t flags) const { return try_tensor(flags).value(); }
[[nodiscard]] inline Object tensor(void *managed, std::uint32_t version_major) { return try_tensor(managed, version_major).value(); }
#endif

NEXUS_NAMESPACE_END

#endif
