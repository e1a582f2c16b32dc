// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// What launches ask of the GPU that is current for the calling thread, where they are given no GpuTraits.
namespace eigenquant::kernels {

/// Throws GpuError.
int currentMultiprocessors();

} // namespace eigenquant::kernels
