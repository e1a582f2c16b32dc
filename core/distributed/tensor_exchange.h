// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/distributed/process_group.h"

#include <ATen/core/Tensor.h>

#include <memory>

namespace eigenquant {

/// Sums and maxima of tensors over the processes of a job, the same bits in all of them. On GPUs by NCCL, as it
/// comes with libtorch's CUDA half, from GPU to GPU; on CPUs, and where NCCL cannot be used, through the process
/// group. All processes must make the same calls in the same order.
class TensorExchange {
public:
    /// For tensors on `device`. Both arguments by reference outlive this. Stoppable.
    TensorExchange(ProcessGroup& processes, c10::Device device, const RunContext& context);
    ~TensorExchange();
    TensorExchange(const TensorExchange&) = delete;
    TensorExchange& operator=(const TensorExchange&) = delete;

    /// Waits until all processes are here, or one has failed, which NCCL itself would not notice: to be called before
    /// some sums and maxima that follow each other at once.
    void meet();
    /// float64, contiguous.
    void sum(at::Tensor& values);
    void sum(std::int64_t& count);
    /// float32, contiguous, none of them negative.
    void maximum(at::Tensor& values);

private:
    class Nccl;
    ProcessGroup& m_processes;
    c10::Device m_device;
    const RunContext& m_context;
    std::unique_ptr<Nccl> m_nccl;
};

} // namespace eigenquant
