// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/decode/decode_kernels.h"

/// The CPU twins of decode_kernels.h: plain loops over host memory that round where the kernels round. They are what
/// the kernels are tested against, and what a decoder without a GPU runs. None uses a workspace.
namespace eigenquant::kernels {

void embedCpu(const EmbedParams& params);
void addNormCpu(const AddNormParams& params);
void permuteCpu(const PermuteParams& params);
void siluMulCpu(const SiluMulParams& params);
void hadamardCpu(const HadamardParams& params);
void attentionCpu(const AttentionParams& params);
void sampleCpu(const SampleParams& params);
void denseGemmCpu(const DenseGemmParams& params);
void addBiasCpu(const AddBiasParams& params);

} // namespace eigenquant::kernels
