// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/gemm/mixed_gemm.h"

/// From what a product is at run time to what its kernels are compiled for.
namespace eigenquant::kernels {

/// Calls run<element, bits, coding>() for the kind that a product is of.
template <class Run>
void withKind(const MixedGemm& gemm, const Run& run)
{
    const auto coded = [&]<Element element, int bits>() {
        if (gemm.weights.layout.coding == Coding::Grid)
            run.template operator()<element, bits, Coding::Grid>();
        else
            run.template operator()<element, bits, Coding::Codebook>();
    };
    const auto wide = [&]<Element element>() {
        if (gemm.weights.layout.bits == 4)
            coded.template operator()<element, 4>();
        else
            coded.template operator()<element, 3>();
    };
    if (gemm.element == Element::F16)
        wide.template operator()<Element::F16>();
    else
        wide.template operator()<Element::BF16>();
}

} // namespace eigenquant::kernels
