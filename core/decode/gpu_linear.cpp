// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/gpu_linear.h"

#include "kernels/decode/decode_kernels.h"

#include <algorithm>

namespace eigenquant {
namespace {

/// Beyond so many rows of x column codes are decoded once and given to cuBLAS: the kernel would decode them anew.
constexpr int kColumnRows = 64;
/// So many rows of x the mixed kernels take on every GPU; see chooseTile().
constexpr int kMixedRows = 128;

kernels::GpuBuffer uploadedWeight(const HostLinear& host, kernels::Stream stream)
{
    if (!host.columnCodes)
        return uploaded(host.weight, stream);
    const std::vector<std::uint8_t>& bytes = host.columnCodes->bytes;
    kernels::GpuBuffer buffer(bytes.size());
    kernels::copyToGpu(buffer.data(), bytes.data(), bytes.size(), stream);
    return buffer;
}

/// What products with packed weights of any kind have in common.
template <class Gemm>
Gemm gemmOf(const LinearCall& call, const kernels::GpuBuffer& bias, void* workspace)
{
    Gemm gemm;
    gemm.x = call.x;
    gemm.xStride = call.xStride;
    gemm.y = call.y;
    gemm.yStride = call.yStride;
    gemm.bias = bias.as<float>();
    gemm.batch = call.batch;
    gemm.workspace = workspace;
    return gemm;
}

std::optional<kernels::PackedColumns> withoutBytes(const std::optional<kernels::PackedColumns>& columns)
{
    if (!columns)
        return {};
    kernels::PackedColumns rest;
    rest.layout = columns->layout;
    rest.element = columns->element;
    rest.tables = columns->tables;
    rest.rowScales = columns->rowScales;
    rest.outlierBegins = columns->outlierBegins;
    rest.outliers = columns->outliers;
    rest.outlierCount = columns->outlierCount;
    return rest;
}

} // namespace

kernels::GpuBuffer uploaded(const at::Tensor& tensor, kernels::Stream stream)
{
    if (!tensor.defined())
        return {};
    kernels::GpuBuffer buffer(tensor.nbytes());
    if (tensor.nbytes() > 0)
        kernels::copyToGpu(buffer.data(), tensor.const_data_ptr(), tensor.nbytes(), stream);
    return buffer;
}

kernels::GpuBuffer copied(const kernels::GpuBuffer& buffer, kernels::Stream stream)
{
    kernels::GpuBuffer copy(buffer.size());
    if (buffer.size() > 0)
        kernels::copyOnGpu(copy.data(), buffer.data(), buffer.size(), stream);
    return copy;
}

GpuLinear::GpuLinear(const HostLinear& host, kernels::Element element, kernels::Stream stream)
    : m_name(host.name), m_note(host.note), m_element(element), m_rows(host.rows), m_columns(host.columns),
      m_firstRow(host.firstRow), m_view(host.view), m_layout(host.layout),
      m_columnCodes(withoutBytes(host.columnCodes)), m_weight(uploadedWeight(host, stream)),
      m_bias(uploaded(host.bias, stream))
{
}

GpuLinear GpuLinear::copy(kernels::Stream stream) const
{
    GpuLinear other;
    other.m_name = m_name;
    other.m_note = m_note;
    other.m_element = m_element;
    other.m_rows = m_rows;
    other.m_columns = m_columns;
    other.m_firstRow = m_firstRow;
    other.m_view = m_view;
    other.m_layout = m_layout;
    other.m_columnCodes = m_columnCodes;
    other.m_weight = copied(m_weight, stream);
    other.m_bias = copied(m_bias, stream);
    return other;
}

kernels::MixedWeights GpuLinear::weights() const
{
    kernels::MixedWeights weights;
    weights.layout = *m_layout;
    weights.blocks = m_weight.data();
    return weights;
}

void GpuLinear::run(const LinearCall& call, const LinearScratch& scratch, const kernels::GpuTraits& gpu,
                    kernels::Stream stream) const
{
    if (m_columnCodes)
        return runColumns(call, scratch, gpu, stream);
    if (!m_layout)
        return runDense(call, m_weight.data(), m_columns, stream);
    const kernels::TileChoice tile = kernels::chooseTile(*m_layout, call.batch, gpu);
    if (tile.path == kernels::GemmPath::Dequant) {
        kernels::dequantizeMixed(weights(), m_element, scratch.dequantized, m_columns, stream);
        return runDense(call, scratch.dequantized, m_columns, stream);
    }
    auto gemm = gemmOf<kernels::MixedGemm>(call, m_bias, scratch.workspace);
    gemm.weights = weights();
    gemm.element = m_element;
    kernels::mixedGemm(gemm, tile, stream);
}

void GpuLinear::runColumns(const LinearCall& call, const LinearScratch& scratch, const kernels::GpuTraits& gpu,
                           kernels::Stream stream) const
{
    const kernels::ColumnWeights weights = m_columnCodes->weights(m_weight.data());
    if (call.batch > kColumnRows) {
        const int columns = weights.layout.paddedColumns();
        kernels::dequantizeColumns(weights, scratch.dequantized, columns, stream);
        return runDense(call, scratch.dequantized, columns, stream);
    }
    auto gemm = gemmOf<kernels::ColumnGemm>(call, m_bias, scratch.columns);
    gemm.weights = weights;
    kernels::columnGemm(gemm, gpu, stream);
}

void GpuLinear::runDense(const LinearCall& call, const void* weight, int columns, kernels::Stream stream) const
{
    kernels::DenseGemmParams gemm{};
    gemm.x = call.x;
    gemm.xStride = call.xStride;
    gemm.w = weight;
    gemm.wStride = columns;
    gemm.y = call.y;
    gemm.yStride = call.yStride;
    gemm.m = call.batch;
    gemm.n = m_rows;
    gemm.k = columns;
    gemm.element = m_element;
    kernels::denseGemm(gemm, stream);
    if (m_bias.size() > 0)
        kernels::addBias({call.y, call.yStride, m_bias.as<float>(), call.batch, m_rows, m_element}, stream);
}

std::string GpuLinear::kernel(int batch, const kernels::GpuTraits& gpu) const
{
    const std::string dense = m_element == kernels::Element::F16 ? "cuBLAS f16" : "cuBLAS bf16";
    if (m_columnCodes)
        return batch > kColumnRows ? "dequantize + " + dense : kernels::columnGemmName(m_columnCodes->layout, batch);
    if (!m_layout)
        return m_note == "float" ? dense : dense + " (" + m_note + ")";
    const kernels::TileChoice tile = kernels::chooseTile(*m_layout, batch, gpu);
    return tile.path == kernels::GemmPath::Dequant ? "dequantize + " + dense : tile.name();
}

std::size_t GpuLinear::dequantizedBytes(int largestBatch, const kernels::GpuTraits& gpu) const
{
    const auto bytes = [&](int columns) {
        return static_cast<std::size_t>(m_rows) * static_cast<std::size_t>(columns) * sizeof(std::uint16_t);
    };
    if (m_columnCodes)
        return largestBatch > kColumnRows ? bytes(m_columnCodes->layout.paddedColumns()) : 0;
    if (!m_layout)
        return 0;
    for (int batch = largestBatch; batch > 0; --batch)
        if (kernels::chooseTile(*m_layout, batch, gpu).path == kernels::GemmPath::Dequant)
            return bytes(m_columns);
    return 0;
}

int GpuLinear::fusedRows() const
{
    return m_columnCodes ? kColumnRows : kMixedRows;
}

std::size_t GpuLinear::columnBytes(int largestBatch, const kernels::GpuTraits& gpu) const
{
    return m_columnCodes ? kernels::columnGemmWorkspaceBytes(m_columnCodes->layout,
                                                             std::min(largestBatch, kColumnRows), gpu)
                         : 0;
}

} // namespace eigenquant
