// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/ops/tensor.h>

#include <vector>

namespace eigenquant {

/// Channels as an index tensor, int64 [count].
inline at::Tensor channelIndex(const std::vector<int>& channels)
{
    return at::tensor(at::ArrayRef<int>(channels), at::kLong);
}

} // namespace eigenquant
