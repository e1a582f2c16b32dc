// SPDX-License-Identifier: GPL-3.0-or-later
// The same functions in a build without CUDA: there is no GPU to be found, and nothing else is ever reached.
#include "kernels/common/cublas.h"
#include "kernels/decode/decode_kernels.h"
#include "kernels/gemm/column_gemm.h"
#include "kernels/gemm/mixed_gemm.h"

namespace eigenquant::kernels {
namespace {

[[noreturn]] void refuse()
{
    throw GpuError(GpuError::Kind::Unavailable, "this build has no CUDA (configure with nvcc on the path)");
}

} // namespace

GpuInfo findGpu(int)
{
    refuse();
}

std::size_t freeGpuBytes()
{
    refuse();
}

GpuBuffer::GpuBuffer(std::size_t bytes) : m_size(bytes)
{
    if (bytes > 0)
        refuse();
}

GpuBuffer::~GpuBuffer() = default;
GpuBuffer::GpuBuffer(GpuBuffer&&) noexcept = default;
GpuBuffer& GpuBuffer::operator=(GpuBuffer&&) noexcept = default;

GpuQueue::GpuQueue()
{
    refuse();
}

GpuQueue::~GpuQueue() = default;

void GpuQueue::wait() const
{
    refuse();
}

void copyToGpu(void*, const void*, std::size_t, Stream)
{
    refuse();
}

void copyFromGpu(void*, const void*, std::size_t, Stream)
{
    refuse();
}

void copyOnGpu(void*, const void*, std::size_t, Stream)
{
    refuse();
}

void zeroOnGpu(void*, std::size_t, Stream)
{
    refuse();
}

GpuGraph::~GpuGraph() = default;
GpuGraph::GpuGraph(GpuGraph&&) noexcept = default;
GpuGraph& GpuGraph::operator=(GpuGraph&&) noexcept = default;

void GpuGraph::begin(Stream)
{
    refuse();
}

GpuGraph GpuGraph::end(Stream)
{
    refuse();
}

void GpuGraph::abandon(Stream) noexcept {}

void GpuGraph::launch(Stream) const
{
    refuse();
}

GpuTimer::GpuTimer()
{
    refuse();
}

GpuTimer::~GpuTimer() = default;

void GpuTimer::start(Stream)
{
    refuse();
}

void GpuTimer::stop(Stream)
{
    refuse();
}

double GpuTimer::milliseconds() const
{
    refuse();
}

std::size_t mixedGemmWorkspaceBytes(const GpuTraits&)
{
    refuse();
}

void mixedGemm(const MixedGemm&, const TileChoice&, Stream)
{
    refuse();
}

void dequantizeMixed(const MixedWeights&, Element, void*, std::int64_t, Stream)
{
    refuse();
}

void columnGemm(const ColumnGemm&, const GpuTraits&, Stream)
{
    refuse();
}

void dequantizeColumns(const ColumnWeights&, void*, std::int64_t, Stream)
{
    refuse();
}

void embed(const EmbedParams&, Stream)
{
    refuse();
}

void addNorm(const AddNormParams&, Stream)
{
    refuse();
}

void permute(const PermuteParams&, Stream)
{
    refuse();
}

void siluMul(const SiluMulParams&, Stream)
{
    refuse();
}

void hadamard(const HadamardParams&, Stream)
{
    refuse();
}

std::size_t attentionWorkspaceBytes(int, int, int, int, int, const GpuTraits&)
{
    refuse();
}

void attention(const AttentionParams&, const GpuTraits&, Stream)
{
    refuse();
}

std::size_t sampleWorkspaceBytes(int, int)
{
    refuse();
}

void sample(const SampleParams&, Stream)
{
    refuse();
}

void prepareDenseGemm()
{
    refuse();
}

void denseGemm(const DenseGemmParams&, Stream)
{
    refuse();
}

void addBias(const AddBiasParams&, Stream)
{
    refuse();
}

} // namespace eigenquant::kernels
