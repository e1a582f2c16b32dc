// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/cmpq.h"
#include "core/quant/packed_linear.h"
#include "core/quant/storage.h"

#include <vector>

namespace eigenquant {

/// The tensors of a CMPQ linear; cmpq.h says what they hold.
///   widths U8 [(in + 1)/2] · codes U8 [bytes] · codebooks F16 [values] · outlier_counts U8 [in, bytes of a count] ·
///   outlier_rows U8 [outliers, bytes of a row] · outlier_values F16 [outliers]
std::vector<PartSpec> cmpqParts(const LinearPlan& linear, std::int64_t out, std::int64_t in);

/// Quantizes a weight, float32 [out, in], whose input channels have these energies, [in].
PackedLinear packCmpq(const at::Tensor& weight, const std::vector<double>& channelEnergy, const LinearPlan& plan);

/// The linear of its parts. Error::invalid as checkCmpq().
CmpqLinear checkedCmpq(const PackedLinear& packed);

/// The float32 weight [out, in] that is stored. Error::invalid as checkCmpq().
at::Tensor unpackCmpq(const PackedLinear& packed);

} // namespace eigenquant
