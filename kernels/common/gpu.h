// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

/// What a program may do with a GPU without a CUDA header: find it, hold its memory, order its work. Where the
/// build has no CUDA, findGpu() says so and nothing else here is ever reached.
struct CUstream_st;

namespace eigenquant::kernels {

/// A stream of work; what the CUDA runtime calls cudaStream_t.
using Stream = CUstream_st*;

/// What went wrong on the GPU.
class GpuError : public std::runtime_error {
public:
    enum class Kind {
        Unavailable, ///< no driver, no GPU, too old a driver or GPU, or a build without CUDA
        OutOfMemory, ///< needed and free say how much
        Failed,      ///< a call or a kernel failed; the context is usable
        Lost,        ///< the context is: nothing on this GPU works again in this process
    };
    GpuError(Kind kind, const std::string& message, std::size_t needed = 0, std::size_t free = 0)
        : std::runtime_error(message), m_kind(kind), m_needed(needed), m_free(free)
    {
    }
    Kind kind() const { return m_kind; }
    std::size_t neededBytes() const { return m_needed; }
    std::size_t freeBytes() const { return m_free; }

private:
    Kind m_kind;
    std::size_t m_needed, m_free;
};

/// What choices of kernels depend on.
struct GpuTraits {
    int major = 9, minor = 0;      ///< compute capability
    int multiprocessors = 132;
    std::size_t sharedBytes = 232448; ///< that a block may ask for
    std::size_t l2Bytes = 50 << 20;
    bool operator==(const GpuTraits&) const = default;
};

struct GpuInfo {
    int index = 0;
    std::string name;
    GpuTraits traits;
    std::size_t memoryBytes = 0;
    double memoryBytesPerSecond = 0; ///< of the data sheet: bus width times clock
};

/// The GPU of that number, made current for the calling thread. GpuError::Unavailable says why there is none: the
/// build, the driver, its version, or a compute capability below 8.0.
GpuInfo findGpu(int index = 0);

/// Free memory of the current GPU, bytes.
std::size_t freeGpuBytes();

/// A block of GPU memory, 256-byte aligned; moves, does not copy. OutOfMemory names needed and free bytes.
class GpuBuffer {
public:
    GpuBuffer() = default;
    explicit GpuBuffer(std::size_t bytes);
    ~GpuBuffer();
    GpuBuffer(GpuBuffer&& other) noexcept;
    GpuBuffer& operator=(GpuBuffer&& other) noexcept;

    void* data() const { return m_data; }
    std::size_t size() const { return m_size; }
    template <class T>
    T* as() const
    {
        return static_cast<T*>(m_data);
    }

private:
    void* m_data = nullptr;
    std::size_t m_size = 0;
};

/// A stream of its own, and events on it. Not the default stream: that one cannot be captured.
class GpuQueue {
public:
    GpuQueue();
    ~GpuQueue();
    GpuQueue(const GpuQueue&) = delete;
    GpuQueue& operator=(const GpuQueue&) = delete;
    Stream stream() const { return m_stream; }
    /// Waits until all work is done; throws what went wrong in it.
    void wait() const;

private:
    Stream m_stream = nullptr;
};

/// Copies; the two that touch the host wait for the stream.
void copyToGpu(void* to, const void* from, std::size_t bytes, Stream stream);
void copyFromGpu(void* to, const void* from, std::size_t bytes, Stream stream);
void copyOnGpu(void* to, const void* from, std::size_t bytes, Stream stream);
void zeroOnGpu(void* to, std::size_t bytes, Stream stream);

/// The work that was recorded between begin() and end(), ready to be replayed as one.
class GpuGraph {
public:
    GpuGraph() = default;
    ~GpuGraph();
    GpuGraph(GpuGraph&& other) noexcept;
    GpuGraph& operator=(GpuGraph&& other) noexcept;

    static void begin(Stream stream);
    static GpuGraph end(Stream stream);
    /// Ends a recording that failed, so that the stream can be used again.
    static void abandon(Stream stream) noexcept;
    void launch(Stream stream) const;
    explicit operator bool() const { return m_graph != nullptr; }

private:
    void* m_graph = nullptr;
};

/// The time between two points of a stream.
class GpuTimer {
public:
    GpuTimer();
    ~GpuTimer();
    GpuTimer(const GpuTimer&) = delete;
    GpuTimer& operator=(const GpuTimer&) = delete;
    void start(Stream stream);
    void stop(Stream stream);
    /// Waits for the second point.
    double milliseconds() const;

private:
    void* m_start = nullptr;
    void* m_stop = nullptr;
};

} // namespace eigenquant::kernels
