// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/gpu.h"
#include "kernels/common/current_gpu.h"
#include "kernels/common/launch.cuh"

#include <algorithm>
#include <utility>

namespace eigenquant::kernels {
namespace {

constexpr int kOldestMajor = 8;

/// Whether the context is gone: after these nothing else works in this process.
bool isSticky(cudaError_t status)
{
    switch (status) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorAssert:
    case cudaErrorECCUncorrectable:
    case cudaErrorContextIsDestroyed:
        return true;
    default:
        return false;
    }
}

GpuError::Kind kindOf(cudaError_t status)
{
    switch (status) {
    case cudaErrorNoDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorInitializationError:
    case cudaErrorSystemDriverMismatch:
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
    case cudaErrorDevicesUnavailable:
        return GpuError::Kind::Unavailable;
    case cudaErrorMemoryAllocation:
        return GpuError::Kind::OutOfMemory;
    default:
        return isSticky(status) ? GpuError::Kind::Lost : GpuError::Kind::Failed;
    }
}

std::string version(int number)
{
    return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

[[noreturn]] void refuse(const std::string& reason)
{
    throw GpuError(GpuError::Kind::Unavailable, reason);
}

int attribute(cudaDeviceAttr which, int device)
{
    int value = 0;
    check(cudaDeviceGetAttribute(&value, which, device), "asking for a property of the GPU");
    return value;
}

int currentDevice()
{
    int device = 0;
    check(cudaGetDevice(&device), "asking for the current GPU");
    return device;
}

} // namespace

void check(cudaError_t status, const char* what)
{
    if (status == cudaSuccess)
        return;
    (void)cudaGetLastError(); // a failed call is reported once, here
    throw GpuError(kindOf(status), std::string(what) + ": " + cudaGetErrorString(status));
}

bool dependentLaunch()
{
    thread_local int knownDevice = -1;
    thread_local bool knownAnswer = false;
    const int device = currentDevice();
    if (device != knownDevice) {
        knownAnswer = attribute(cudaDevAttrComputeCapabilityMajor, device) >= 9;
        knownDevice = device;
    }
    return knownAnswer;
}

int currentMultiprocessors()
{
    return attribute(cudaDevAttrMultiProcessorCount, currentDevice());
}

GpuInfo findGpu(int index)
{
    int driver = 0, runtime = 0, count = 0;
    if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0)
        refuse("no NVIDIA driver is installed");
    check(cudaRuntimeGetVersion(&runtime), "asking for the CUDA version");
    if (driver / 1000 < runtime / 1000)
        refuse("the NVIDIA driver is too old: it knows CUDA " + version(driver) + ", this program needs " +
               version(runtime / 1000 * 1000));
    if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
        (void)cudaGetLastError();
        refuse("the driver shows no GPU");
    }
    if (index < 0 || index >= count)
        refuse("there is no GPU " + std::to_string(index) + " (there are " + std::to_string(count) + ")");

    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, index), "asking for the GPU's properties");
    GpuInfo info;
    info.index = index;
    info.name = properties.name;
    if (properties.major < kOldestMajor)
        refuse(info.name + " has compute capability " + std::to_string(properties.major) + "." +
               std::to_string(properties.minor) + "; the kernels need 8.0 or above");
    check(cudaSetDevice(index), "choosing the GPU");
    info.traits = {properties.major, properties.minor, properties.multiProcessorCount,
                   properties.sharedMemPerBlockOptin, static_cast<std::size_t>(properties.l2CacheSize)};
    info.memoryBytes = properties.totalGlobalMem;
    // Double data rate: two transfers a clock, given in kHz.
    info.memoryBytesPerSecond = 2e3 * attribute(cudaDevAttrMemoryClockRate, index) *
                                attribute(cudaDevAttrGlobalMemoryBusWidth, index) / 8;
    return info;
}

std::size_t freeGpuBytes()
{
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "asking for free GPU memory");
    return free;
}

GpuBuffer::GpuBuffer(std::size_t bytes) : m_size(bytes)
{
    if (bytes == 0)
        return;
    const cudaError_t status = cudaMalloc(&m_data, bytes);
    if (status == cudaErrorMemoryAllocation) {
        (void)cudaGetLastError();
        throw GpuError(GpuError::Kind::OutOfMemory, "not enough GPU memory", bytes, freeGpuBytes());
    }
    check(status, "taking GPU memory");
}

GpuBuffer::~GpuBuffer()
{
    (void)cudaFree(m_data); // after a lost context nothing can be freed, nor need it
}

GpuBuffer::GpuBuffer(GpuBuffer&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0))
{
}

GpuBuffer& GpuBuffer::operator=(GpuBuffer&& other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

GpuQueue::GpuQueue()
{
    check(cudaStreamCreateWithFlags(&m_stream, cudaStreamNonBlocking), "making a stream");
}

GpuQueue::~GpuQueue()
{
    (void)cudaStreamDestroy(m_stream);
}

void GpuQueue::wait() const
{
    check(cudaStreamSynchronize(m_stream), "waiting for the GPU");
}

void copyToGpu(void* to, const void* from, std::size_t bytes, Stream stream)
{
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream), "copying to the GPU");
    check(cudaStreamSynchronize(stream), "copying to the GPU");
}

void copyFromGpu(void* to, const void* from, std::size_t bytes, Stream stream)
{
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream), "copying from the GPU");
    check(cudaStreamSynchronize(stream), "copying from the GPU");
}

void copyOnGpu(void* to, const void* from, std::size_t bytes, Stream stream)
{
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream), "copying on the GPU");
}

void zeroOnGpu(void* to, std::size_t bytes, Stream stream)
{
    check(cudaMemsetAsync(to, 0, bytes, stream), "clearing GPU memory");
}

GpuGraph::~GpuGraph()
{
    if (m_graph)
        (void)cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(m_graph));
}

GpuGraph::GpuGraph(GpuGraph&& other) noexcept : m_graph(std::exchange(other.m_graph, nullptr)) {}

GpuGraph& GpuGraph::operator=(GpuGraph&& other) noexcept
{
    std::swap(m_graph, other.m_graph);
    return *this;
}

void GpuGraph::begin(Stream stream)
{
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "recording a graph");
}

GpuGraph GpuGraph::end(Stream stream)
{
    cudaGraph_t recorded = nullptr;
    check(cudaStreamEndCapture(stream, &recorded), "recording a graph");
    cudaGraphExec_t executable = nullptr;
    const cudaError_t status = cudaGraphInstantiate(&executable, recorded, 0);
    (void)cudaGraphDestroy(recorded);
    check(status, "making a graph ready");
    GpuGraph graph;
    graph.m_graph = executable;
    return graph;
}

void GpuGraph::abandon(Stream stream) noexcept
{
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    if (cudaStreamIsCapturing(stream, &status) == cudaSuccess && status != cudaStreamCaptureStatusNone) {
        cudaGraph_t recorded = nullptr;
        (void)cudaStreamEndCapture(stream, &recorded);
        if (recorded)
            (void)cudaGraphDestroy(recorded);
    }
    (void)cudaGetLastError();
}

void GpuGraph::launch(Stream stream) const
{
    check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(m_graph), stream), "replaying a graph");
}

GpuTimer::GpuTimer()
{
    cudaEvent_t event = nullptr;
    check(cudaEventCreate(&event), "making an event");
    m_start = event;
    check(cudaEventCreate(&event), "making an event");
    m_stop = event;
}

GpuTimer::~GpuTimer()
{
    (void)cudaEventDestroy(static_cast<cudaEvent_t>(m_start));
    (void)cudaEventDestroy(static_cast<cudaEvent_t>(m_stop));
}

void GpuTimer::start(Stream stream)
{
    check(cudaEventRecord(static_cast<cudaEvent_t>(m_start), stream), "recording an event");
}

void GpuTimer::stop(Stream stream)
{
    check(cudaEventRecord(static_cast<cudaEvent_t>(m_stop), stream), "recording an event");
}

double GpuTimer::milliseconds() const
{
    check(cudaEventSynchronize(static_cast<cudaEvent_t>(m_stop)), "waiting for an event");
    float elapsed = 0;
    check(cudaEventElapsedTime(&elapsed, static_cast<cudaEvent_t>(m_start), static_cast<cudaEvent_t>(m_stop)),
          "reading a timer");
    return elapsed;
}

} // namespace eigenquant::kernels
