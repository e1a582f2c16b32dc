// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/packed_cmpq.h"

namespace eigenquant {
namespace {

CmpqSettings settingsOf(const LinearPlan& plan)
{
    return {plan.bits, plan.cmpq.activationOutliers, plan.cmpq.quantizationOutliers, plan.cmpq.fourAndTwo};
}

} // namespace

std::vector<PartSpec> cmpqParts(const LinearPlan& linear, std::int64_t out, std::int64_t in)
{
    const CmpqStorage storage = cmpqStorage(out, in, settingsOf(linear));
    return {{"widths", StoredType::U8, {static_cast<std::int64_t>(storage.widths)}},
            {"codes", StoredType::U8, {static_cast<std::int64_t>(storage.codes)}},
            {"codebooks", StoredType::F16, {static_cast<std::int64_t>(storage.codebooks / 2)}},
            {"outlier_counts", StoredType::U8, {in, storage.countBytes}},
            {"outlier_rows", StoredType::U8, {storage.outlierCount, storage.rowBytes}},
            {"outlier_values", StoredType::F16, {storage.outlierCount}}};
}

PackedLinear packCmpq(const at::Tensor& weight, const std::vector<double>& channelEnergy, const LinearPlan& plan)
{
    const CmpqLinear linear = quantizeCmpq(weight, channelEnergy, settingsOf(plan));
    return {plan,
            weight.size(0),
            weight.size(1),
            {{"widths", packCmpqWidths(linear.widths)},
             {"codes", linear.codes},
             {"codebooks", linear.codebooks},
             {"outlier_counts", linear.outlierCounts},
             {"outlier_rows", linear.outlierRows},
             {"outlier_values", linear.outlierValues}},
            {}};
}

CmpqLinear checkedCmpq(const PackedLinear& packed)
{
    CmpqLinear linear{unpackCmpqWidths(packed.part("widths"), static_cast<int>(packed.inFeatures)),
                      packed.part("codes"),
                      packed.part("codebooks"),
                      packed.part("outlier_counts"),
                      packed.part("outlier_rows"),
                      packed.part("outlier_values")};
    checkCmpq(linear, packed.outFeatures, settingsOf(packed.plan));
    return linear;
}

at::Tensor unpackCmpq(const PackedLinear& packed)
{
    return dequantize(checkedCmpq(packed), packed.outFeatures);
}

} // namespace eigenquant
