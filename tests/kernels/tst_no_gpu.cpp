// SPDX-License-Identifier: GPL-3.0-or-later
// A build without CUDA has all functions of the kernels, and each says that there is none.
#include "kernels/common/cublas.h"
#include "kernels/decode/decode_kernels.h"
#include "kernels/gemm/column_gemm.h"
#include "kernels/gemm/mixed_gemm.h"

#include <gtest/gtest.h>

#include <string>

namespace eigenquant::kernels {
namespace {

template <class Call>
void expectUnavailable(const Call& call)
{
    try {
        call();
        ADD_FAILURE() << "a GPU was found in a build without CUDA";
    } catch (const GpuError& error) {
        EXPECT_EQ(error.kind(), GpuError::Kind::Unavailable);
        EXPECT_NE(std::string(error.what()).find("nvcc"), std::string::npos) << error.what();
    }
}

TEST(NoGpu, EveryWayInSaysThatThereIsNone)
{
    expectUnavailable([] { findGpu(); });
    expectUnavailable([] { freeGpuBytes(); });
    expectUnavailable([] { GpuBuffer(16); });
    expectUnavailable([] { GpuQueue(); });
    expectUnavailable([] { prepareDenseGemm(); });
    expectUnavailable([] { mixedGemm({}, {}, nullptr); });
    expectUnavailable([] { dequantizeMixed({}, Element::F16, nullptr, 0, nullptr); });
    expectUnavailable([] { attention({}, {}, nullptr); });
    expectUnavailable([] { addNorm({}, nullptr); });
    expectUnavailable([] { sample({}, nullptr); });
}

TEST(NoGpu, ABufferOfNothingIsNoBuffer)
{
    const GpuBuffer empty;
    EXPECT_EQ(empty.data(), nullptr);
    EXPECT_EQ(GpuBuffer(0).size(), 0u);
}

} // namespace
} // namespace eigenquant::kernels
