// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/random.h"

#include <ATen/ops/empty.h>

namespace eigenquant::test {

/// float32 [rows, columns] of normal numbers from a stream.
inline at::Tensor gaussian(std::int64_t rows, std::int64_t columns, Random& random)
{
    at::Tensor matrix = at::empty({rows, columns}, at::kFloat);
    for (std::int64_t i = 0; i < matrix.numel(); ++i)
        matrix.data_ptr<float>()[i] = static_cast<float>(random.normal());
    return matrix;
}

/// The same from a seed.
inline at::Tensor gaussian(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 1)
{
    Random random(seed);
    return gaussian(rows, columns, random);
}

} // namespace eigenquant::test
