// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layout/bit_packing.h"

#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

void check(cudaError_t status, const char* what)
{
    if (status == cudaSuccess)
        return;
    std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
    std::exit(1);
}

/// One thread a row: packed [rows, rowBytes] → codes [rows, count].
__global__ void unpackRows(const std::uint8_t* packed, std::size_t rows, std::size_t count, int width,
                           std::uint8_t* codes)
{
    const std::size_t row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row < rows)
        eigenquant::layout::unpackRow(packed + row * eigenquant::layout::packedRowBytes(count, width), count, width,
                                      codes + row * count);
}

bool comesBack(int width, std::size_t rows, std::size_t count)
{
    const std::size_t rowBytes = eigenquant::layout::packedRowBytes(count, width);
    std::vector<std::uint8_t> codes(rows * count), packed(rows * rowBytes), back(rows * count);
    for (std::size_t i = 0; i < codes.size(); ++i)
        codes[i] = static_cast<std::uint8_t>((i * 73 + 5) & ((1u << width) - 1));
    for (std::size_t row = 0; row < rows; ++row)
        eigenquant::layout::packRow(codes.data() + row * count, count, width, packed.data() + row * rowBytes);

    std::uint8_t *devicePacked = nullptr, *deviceCodes = nullptr;
    check(cudaMalloc(&devicePacked, packed.size()), "allocating");
    check(cudaMalloc(&deviceCodes, back.size()), "allocating");
    check(cudaMemcpy(devicePacked, packed.data(), packed.size(), cudaMemcpyHostToDevice), "copying");
    unpackRows<<<static_cast<unsigned>((rows + 127) / 128), 128>>>(devicePacked, rows, count, width, deviceCodes);
    check(cudaGetLastError(), "launching");
    check(cudaMemcpy(back.data(), deviceCodes, back.size(), cudaMemcpyDeviceToHost), "copying back");
    check(cudaFree(devicePacked), "freeing");
    check(cudaFree(deviceCodes), "freeing");
    return back == codes;
}

} // namespace

int main()
{
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        std::puts("skipped: this machine has no GPU");
        return 77;
    }
    for (int width = 1; width <= 8; ++width)
        for (const std::size_t count : {1, 7, 64, 560, 577})
            if (!comesBack(width, 131, count)) {
                std::fprintf(stderr, "the device reads other codes than the host packed: width %d, %zu codes\n", width,
                             count);
                return 1;
            }
    std::puts("passed");
    return 0;
}
