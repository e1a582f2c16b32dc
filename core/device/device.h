// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <string>

namespace eigenquant {

/// Where and how precisely tensors are computed.
struct ComputeTarget {
    c10::Device device = c10::kCPU;
    c10::ScalarType dtype = c10::kFloat;

    std::string deviceName() const; ///< "cpu", "cuda:0"
    std::string dtypeName() const;  ///< "f32", "bf16", "f16"
};

/// Resolves the words of --device (auto, cpu, cuda, cuda:N) and --dtype (auto, f32, bf16, f16), and sets
/// the number of CPU threads (0: all cores, or this process's share of them in a job of several). Auto and cuda
/// take the first GPU, or, in a job of several processes, that of the process's LOCAL_RANK; auto the CPU, if there
/// is none or libtorch's CUDA half cannot be loaded; and float32 everywhere. Error::usage for other words,
/// Error::resources when a GPU is asked for and none can be used, with the reason.
ComputeTarget resolveComputeTarget(const std::string& device, const std::string& dtype, int threads);

/// The memory of this machine, bytes.
double physicalMemoryBytes();

/// The highest resident set size that this process had so far, and the one that it has now.
std::uint64_t peakRssBytes();
std::uint64_t currentRssBytes();

/// Memory of the target's GPU that is free now, bytes; 0 on a CPU, and where it cannot be known.
std::uint64_t freeGpuMemoryBytes(const ComputeTarget& target);

/// Gives memory that was freed, and that the C library keeps for later, back to the system.
void giveBackFreedMemory();

} // namespace eigenquant
