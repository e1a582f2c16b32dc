// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/quant/gptq.h"
#include "core/quant/packed_linear.h"
#include "core/quant/storage.h"
#include "core/results/plan.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace eigenquant {

/// ETQ, eigen-trellis quantization; docs/etq.md tells why it is made like this. In a basis that mixes the channels at
/// random the weights of a row are near Gaussian, so one scale a row and one code for all of them will do. Columns are
/// rounded one after the other, each as one sequence of a trellis code that runs down its rows (trellis.h), and later
/// columns make up for the error (gptq.h). After feedback an error in column j costs D_j; ∏ D_j is the product of the
/// eigenvalues of XᵀX, so that widths chosen by D_j ("water-filling") come near what any basis could reach.
///
/// Stored are
///   scales  F16 [out]         of the rows
///   widths  U8  [(in + 1)/2]  bits of each column's code, four bits a column
///   codes   U8  [bytes]       the columns' streams, one behind the other, from the lowest bit of the first byte on
/// and weight (i, j) is scales[i]·level[window], the window the 12 bits at i·widths[j] of the stream of column j.

/// The tensors of a linear, for its mean width, 1 to 8.
std::vector<PartSpec> etqParts(const LinearPlan& linear, std::int64_t out, std::int64_t in);

/// The sum of the columns' widths for a mean of `bits`.
std::int64_t etqTotalWidth(double bits, std::int64_t in);

/// Widths of 1 to 8 bits that add up to `total` with the least Σ D_j·distortion(width_j); ties go to the lower column.
std::vector<std::uint8_t> etqWidths(const std::vector<double>& variance, std::int64_t total);

/// The mean squared error, relative to the weights', of columns that all cost the same, at a mean width of `bits`.
double etqDistortion(double bits);

/// Quantizes a weight, float32 [out, in], with the feedback of its site in the same basis. `outputFisher`, [out] or
/// empty, says which rows matter more. The same bytes for any number of threads. Stoppable.
PackedLinear quantizeEtq(const at::Tensor& weight, const ErrorFeedback& feedback,
                         const std::vector<double>& outputFisher, const LinearPlan& plan, const RunContext& context);

/// The width of each column of a stored linear. Error::invalid if they are not what the plan says.
std::vector<std::uint8_t> etqColumnWidths(const PackedLinear& packed);

/// The float32 weight [out, in] that is stored. Error::invalid when widths and codes contradict each other.
at::Tensor unpackEtq(const PackedLinear& packed);

} // namespace eigenquant
