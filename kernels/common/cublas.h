// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace eigenquant::kernels {

/// Makes the calling thread's cuBLAS handle on the current GPU, and its workspace of 32 MiB. denseGemm() does so at its
/// first use, which must not be while a graph is recorded. GpuError::Unavailable says why there is no cuBLAS; the
/// environment variable EIGENQUANT_CUBLAS may name the file of it.
void prepareDenseGemm();

} // namespace eigenquant::kernels
