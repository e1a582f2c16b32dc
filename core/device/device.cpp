// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/device.h"

#include "core/base/error.h"
#include "core/base/process_place.h"
#include "kernels/common/gpu.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <malloc.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace eigenquant {
namespace {

/// MKL's matrix products may sum in another order for another number of threads, unless its mode for reproducible
/// results is strict. MKL reads the mode at its first product; before main() no thread can be reading the
/// environment yet. A mode that the user has set stays, and other matrix libraries never look.
[[maybe_unused]] const int kStrictProducts = setenv("MKL_CBWR", "AUTO,STRICT", /*overwrite=*/0);

/// Whether a GPU was chosen: to ask libtorch itself, when it has not been loaded yet, would settle the answer for ever.
std::atomic<bool> gpuIsUsed = false;

/// libtorch's CUDA half registers itself with the CPU half when it is loaded. It is a gigabyte of libraries
/// and a second of start-up, so only a run that wants a GPU opens it. Empty, or why it cannot be used.
std::string loadCudaHalf()
{
    static const std::string failure = []() -> std::string {
        if (!dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL))
            return "no NVIDIA driver is installed";
        if (!dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL)) {
            const char* reason = dlerror();
            return std::string("libtorch's CUDA library cannot be loaded: ") + (reason ? reason : "unknown reason");
        }
        if (at::detail::getCUDAHooks().deviceCount() > 0)
            return {};
        // libtorch asks once whether it has a CUDA half, and some of its CPU functions ask too.
        if (c10::impl::getDeviceGuardImpl(c10::kCUDA)->deviceCount() > 0)
            return "libtorch was used without its CUDA library before, in this process; start the program again";
        return "the driver shows no GPU";
    }();
    return failure;
}

c10::Device cudaDevice(const std::string& word)
{
    int index = ProcessPlace::fromEnvironment().localRank;
    if (word != "cuda") {
        const auto [end, error] = std::from_chars(word.data() + 5, word.data() + word.size(), index);
        if (error != std::errc{} || end != word.data() + word.size() || index < 0)
            throw Error::usage("unknown device").found("\"" + word + "\"").expected("auto, cpu, cuda or cuda:N");
    }
    if (const std::string failure = loadCudaHalf(); !failure.empty())
        throw Error::resources("no GPU can be used: " + failure).field("device").hint("run with --device cpu");
    const int count = at::detail::getCUDAHooks().deviceCount();
    if (index >= count)
        throw Error::resources("there is no such GPU")
            .field("device")
            .found(word)
            .expected("cuda:0 to cuda:" + std::to_string(count - 1));
    gpuIsUsed = true;
    return {c10::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

c10::Device resolveDevice(const std::string& word)
{
    if (word == "cpu")
        return c10::kCPU;
    if (word == "auto")
        return loadCudaHalf().empty() ? cudaDevice("cuda") : c10::Device(c10::kCPU);
    if (word == "cuda" || word.starts_with("cuda:"))
        return cudaDevice(word);
    throw Error::usage("unknown device").found("\"" + word + "\"").expected("auto, cpu, cuda or cuda:N");
}

c10::ScalarType resolveDtype(const std::string& word)
{
    if (word == "auto" || word == "f32")
        return c10::kFloat;
    if (word == "bf16")
        return c10::kBFloat16;
    if (word == "f16")
        return c10::kHalf;
    throw Error::usage("unknown dtype").found("\"" + word + "\"").expected("auto, f32, bf16 or f16");
}

} // namespace

std::string ComputeTarget::deviceName() const
{
    return device.is_cuda() ? "cuda:" + std::to_string(device.index()) : "cpu";
}

std::string ComputeTarget::dtypeName() const
{
    return dtype == c10::kFloat ? "f32" : dtype == c10::kBFloat16 ? "bf16" : "f16";
}

ComputeTarget resolveComputeTarget(const std::string& device, const std::string& dtype, int threads)
{
    if (threads < 0)
        throw Error::usage("a negative number of threads").field("threads").found(std::to_string(threads));
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    // The processes of a job share their machine: threads that wait for each other without a core to run on crawl.
    const int share = std::max(1, cores / ProcessPlace::fromEnvironment().localSize);
    at::set_num_threads(threads == 0 ? share : threads);
    return {resolveDevice(device), resolveDtype(dtype)};
}

double physicalMemoryBytes()
{
    return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::uint64_t peakRssBytes()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024; // Linux counts KiB
}

std::uint64_t currentRssBytes()
{
    std::ifstream file("/proc/self/statm");
    std::uint64_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t freeGpuMemoryBytes(const ComputeTarget& target)
{
    if (!target.device.is_cuda())
        return 0;
    try {
        kernels::findGpu(target.device.index());
        return kernels::freeGpuBytes();
    } catch (const kernels::GpuError&) {
        return 0; // built without the kernels, or a GPU that is too old for them
    }
}

void giveBackFreedMemory()
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    // What libtorch's allocator keeps of a GPU would be missing to others, and to blocks of another size.
    if (gpuIsUsed && c10::getDeviceAllocator(c10::kCUDA)->initialized())
        c10::getDeviceAllocator(c10::kCUDA)->emptyCache();
}

} // namespace eigenquant
