// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace eigenquant {

/// Elements of a piece: libtorch divides nothing below twice as many among threads.
inline constexpr std::int64_t kPieceElements = 16384;

/// An elementwise function with an exponential, a sine or the like in it, of x [rows, ...]. libtorch computes most
/// elements with vector instructions and the few at the end of each thread's share with others, whose last bits
/// differ: where the shares end must not depend on the number of threads. So they end here, each too small for
/// libtorch to divide again. Can be differentiated. (Sums, products and roots are exact either way.)
template <class Function>
at::Tensor inPieces(const at::Tensor& x, const Function& function)
{
    if (!x.is_cpu() || x.numel() <= kPieceElements)
        return function(x);
    const std::int64_t rows = x.size(0);
    const std::int64_t height = std::max<std::int64_t>(1, kPieceElements / (x.numel() / rows));
    const std::int64_t count = (rows + height - 1) / height;
    const auto piece = [&](const at::Tensor& whole, std::int64_t index) {
        return whole.narrow(0, index * height, std::min(height, rows - index * height));
    };
    if (x.requires_grad()) {
        std::vector<at::Tensor> pieces;
        for (std::int64_t i = 0; i < count; ++i)
            pieces.push_back(function(piece(x, i)));
        return at::cat(pieces);
    }
    at::Tensor result = at::empty(x.sizes(), x.options());
    at::parallel_for(0, count, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i)
            piece(result, i).copy_(function(piece(x, i)));
    });
    return result;
}

} // namespace eigenquant
