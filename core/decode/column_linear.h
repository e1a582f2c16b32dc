// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/packed_linear.h"
#include "kernels/common/half.h"
#include "kernels/layout/pack_columns.h"

namespace eigenquant {

/// Whether each column of the linear has a width and a code of its own: CMPQ and ETQ.
bool hasColumnCodes(const PackedLinear& packed);

/// Such a linear as its kernels read it. Error::invalid for parts that contradict each other.
kernels::PackedColumns packedColumns(const PackedLinear& packed, kernels::Element element);

} // namespace eigenquant
