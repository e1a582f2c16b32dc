// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/decode/decode_kernels_cpu.h"

#include <cmath>
#include <vector>

namespace eigenquant::kernels {
namespace {

using Bits = std::uint16_t;

const Bits* rowOf(const void* data, std::int64_t row, std::int64_t stride)
{
    return static_cast<const Bits*>(data) + row * stride;
}

Bits* rowOf(void* data, std::int64_t row, std::int64_t stride)
{
    return static_cast<Bits*>(data) + row * stride;
}

void writeInOrder(const std::vector<Bits>& row, const std::int32_t* order, void* out, std::int64_t token,
                  std::int64_t stride)
{
    Bits* target = rowOf(out, token, stride);
    for (std::size_t j = 0; j < row.size(); ++j)
        target[j] = row[order ? static_cast<std::size_t>(order[j]) : j];
}

} // namespace

void embedCpu(const EmbedParams& params)
{
    for (int token = 0; token < params.tokens; ++token)
        for (int i = 0; i < params.width; ++i)
            rowOf(params.out, token, params.width)[i] = rowOf(params.table, params.ids[token], params.width)[i];
}

void addNormCpu(const AddNormParams& params)
{
    const auto number = [&](Bits bits) { return fromElement(bits, params.element); };
    const auto rounded = [&](float value) { return number(toElement(value, params.element)); };
    std::vector<Bits> row(static_cast<std::size_t>(params.width));
    for (int token = 0; token < params.tokens; ++token) {
        Bits* residual = rowOf(params.residual, token, params.width);
        float squares = 0;
        for (int i = 0; i < params.width; ++i) {
            if (params.delta)
                residual[i] = toElement(number(residual[i]) + number(rowOf(params.delta, token, params.width)[i]),
                                        params.element);
            squares += number(residual[i]) * number(residual[i]);
        }
        const float scale = 1.0f / std::sqrt(squares / static_cast<float>(params.width) + params.epsilon);
        for (int i = 0; i < params.width; ++i)
            row[static_cast<std::size_t>(i)] =
                toElement(rounded(number(residual[i]) * scale) * rounded(params.gain[i]), params.element);
        writeInOrder(row, params.order, params.out, token, params.outStride);
        if (params.secondOut)
            writeInOrder(row, params.secondOrder, params.secondOut, token, params.outStride);
        if (params.thirdOut)
            writeInOrder(row, params.thirdOrder, params.thirdOut, token, params.outStride);
    }
}

void permuteCpu(const PermuteParams& params)
{
    for (int token = 0; token < params.tokens; ++token) {
        const Bits* in = rowOf(params.in, token, params.inStride);
        const std::vector<Bits> row(in, in + params.width);
        writeInOrder(row, params.order, params.out, token, params.outStride);
    }
}

void siluMulCpu(const SiluMulParams& params)
{
    const auto number = [&](Bits bits) { return fromElement(bits, params.element); };
    std::vector<Bits> row(static_cast<std::size_t>(params.width));
    for (int token = 0; token < params.tokens; ++token) {
        const Bits* gate = rowOf(params.gate, token, params.stride);
        const Bits* up = rowOf(params.up, token, params.stride);
        for (int i = 0; i < params.width; ++i) {
            const float x = number(gate[i]);
            const float silu = number(toElement(x / (1.0f + std::exp(-x)), params.element));
            row[static_cast<std::size_t>(i)] = toElement(silu * number(up[i]), params.element);
        }
        writeInOrder(row, params.order, params.out, token, params.outStride);
    }
}

void denseGemmCpu(const DenseGemmParams& params)
{
    for (int m = 0; m < params.m; ++m)
        for (int n = 0; n < params.n; ++n) {
            const Bits* x = rowOf(params.x, m, params.xStride);
            const Bits* w = rowOf(params.w, n, params.wStride);
            float sum = 0;
            for (int k = 0; k < params.k; ++k)
                sum += fromElement(x[k], params.element) * fromElement(w[k], params.element);
            if (params.floatOut)
                static_cast<float*>(params.y)[m * params.yStride + n] = sum;
            else
                rowOf(params.y, m, params.yStride)[n] = toElement(sum, params.element);
        }
}

void addBiasCpu(const AddBiasParams& params)
{
    for (int row = 0; row < params.rows; ++row)
        for (int i = 0; i < params.width; ++i) {
            Bits& value = rowOf(params.y, row, params.stride)[i];
            value = toElement(fromElement(value, params.element) + params.bias[i], params.element);
        }
}

} // namespace eigenquant::kernels
