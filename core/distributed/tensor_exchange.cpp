// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/distributed/tensor_exchange.h"

#include "core/base/error.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <c10/core/DeviceGuard.h>

#include <array>
#include <cstddef>
#include <dlfcn.h>
#include <vector>

namespace eigenquant {
namespace {

// NCCL's interface as far as it is used here: it is opened at run time, so that no build needs its headers.
using Communicator = void*;
using Stream = void*;
constexpr Stream kDefaultStream = nullptr; // the one that libtorch computes on
constexpr int kSuccess = 0, kFloat32 = 7, kFloat64 = 8, kSumOperation = 0, kMaxOperation = 2;

template <class Function>
bool find(void* library, const char* name, Function& function)
{
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

} // namespace

/// A communicator of all processes, where there can be one.
class TensorExchange::Nccl {
public:
    struct UniqueId {
        std::array<char, 128> bytes{};
    };

    explicit Nccl(c10::Device device) : m_device(device)
    {
        void* library = device.is_cuda() ? dlopen("libnccl.so.2", RTLD_NOW) : nullptr;
        m_isThere = library && find(library, "ncclGetUniqueId", m_getUniqueId) &&
                    find(library, "ncclCommInitRank", m_initRank) && find(library, "ncclAllReduce", m_allReduce) &&
                    find(library, "ncclCommDestroy", m_destroy);
    }
    ~Nccl()
    {
        const c10::DeviceGuard guard(m_device);
        if (m_communicator)
            m_destroy(m_communicator);
    }
    Nccl(const Nccl&) = delete;
    Nccl& operator=(const Nccl&) = delete;

    /// Whether this process can; all have to ask.
    bool isThere() const { return m_isThere; }

    bool makeId(UniqueId& id) const { return m_getUniqueId(&id) == kSuccess; }

    bool join(const ProcessPlace& place, const UniqueId& id)
    {
        const c10::DeviceGuard guard(m_device);
        return m_initRank(&m_communicator, place.size, id, place.rank) == kSuccess;
    }

    void reduce(at::Tensor& values, int type, int operation) const
    {
        const c10::DeviceGuard guard(m_device);
        void* data = values.mutable_data_ptr();
        if (m_allReduce(data, data, static_cast<std::size_t>(values.numel()), type, operation, m_communicator,
                        kDefaultStream) != kSuccess)
            throw Error::io("NCCL could not bring the GPUs of this job together")
                .hint("NCCL_DEBUG=WARN makes it say why");
    }

private:
    c10::Device m_device;
    bool m_isThere = false;
    Communicator m_communicator = nullptr;
    int (*m_getUniqueId)(UniqueId*) = nullptr;
    int (*m_initRank)(Communicator*, int, UniqueId, int) = nullptr;
    int (*m_allReduce)(const void*, void*, std::size_t, int, int, Communicator, Stream) = nullptr;
    int (*m_destroy)(Communicator) = nullptr;
};

namespace {

/// Whether all processes say yes.
bool all(bool answer, ProcessGroup& processes, const RunContext& context)
{
    std::array<double, 1> count{answer ? 1.0 : 0.0};
    processes.sum(count, context);
    return static_cast<int>(count[0]) == processes.place().size;
}

/// What process 0 has, for all of them.
void share(std::array<char, 128>& id, ProcessGroup& processes, const RunContext& context)
{
    std::vector<double> bytes(id.size(), 0.0);
    if (processes.place().isFirst())
        bytes.assign(id.begin(), id.end());
    processes.sum(bytes, context);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        id[i] = static_cast<char>(bytes[i]);
}

} // namespace

TensorExchange::TensorExchange(ProcessGroup& processes, c10::Device device, const RunContext& context)
    : m_processes(processes), m_device(device), m_context(context)
{
    if (processes.place().isAlone() || !device.is_cuda())
        return;
    auto nccl = std::make_unique<Nccl>(device);
    Nccl::UniqueId id;
    const bool ready = nccl->isThere() && (!processes.place().isFirst() || nccl->makeId(id));
    if (!all(ready, processes, context))
        return;
    share(id.bytes, processes, context);
    if (all(nccl->join(processes.place(), id), processes, context))
        m_nccl = std::move(nccl);
}

TensorExchange::~TensorExchange() = default;

void TensorExchange::meet()
{
    if (m_nccl && !all(true, m_processes, m_context))
        throw Error::internal("the processes of a job do not sum the same");
}

void TensorExchange::sum(at::Tensor& values)
{
    if (m_processes.place().isAlone())
        return;
    if (m_nccl) {
        m_nccl->reduce(values, kFloat64, kSumOperation);
        return;
    }
    at::Tensor local = values.cpu();
    m_processes.sum({local.mutable_data_ptr<double>(), static_cast<std::size_t>(local.numel())}, m_context);
    if (!values.is_cpu())
        values.copy_(local);
}

void TensorExchange::sum(std::int64_t& count)
{
    at::Tensor value = at::full({1}, static_cast<double>(count), at::TensorOptions(at::kDouble).device(m_device));
    sum(value);
    count = static_cast<std::int64_t>(value.item<double>());
}

void TensorExchange::maximum(at::Tensor& values)
{
    if (m_processes.place().isAlone())
        return;
    if (m_nccl) {
        m_nccl->reduce(values, kFloat32, kMaxOperation);
        return;
    }
    // Each process's own in a row of its own: a sum with zeros is exact.
    at::Tensor rows = at::zeros({m_processes.place().size, values.numel()}, at::kDouble);
    rows[m_processes.place().rank].copy_(values);
    m_processes.sum({rows.mutable_data_ptr<double>(), static_cast<std::size_t>(rows.numel())}, m_context);
    values.copy_(rows.amax(0));
}

} // namespace eigenquant
