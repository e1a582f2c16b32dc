// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/hadamard.h"

#include "core/base/error.h"
#include "core/quant/subtract_product.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/kron.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace eigenquant {
namespace {

// A dense factor costs its order in operations for every value: beyond this a small random one is the better deal.
constexpr std::int64_t kLargestOrder = 512;
// From FP16's precision, squared each time, to better than float64's.
constexpr int kPolishSteps = 4;

bool isPrime(std::int64_t number)
{
    for (std::int64_t divisor = 2; divisor * divisor <= number; ++divisor)
        if (number % divisor == 0)
            return false;
    return number > 1;
}

/// χ(i - j) for all residues of a prime: 1 for squares, -1 for others, 0 for 0. float64 [prime, prime].
at::Tensor jacobsthal(std::int64_t prime)
{
    std::vector<double> character(static_cast<std::size_t>(prime), -1);
    character[0] = 0;
    for (std::int64_t i = 1; i < prime; ++i)
        character[static_cast<std::size_t>(i * i % prime)] = 1;
    at::Tensor matrix = at::empty({prime, prime}, at::kDouble);
    for (std::int64_t i = 0; i < prime; ++i)
        for (std::int64_t j = 0; j < prime; ++j)
            matrix.data_ptr<double>()[i * prime + j] = character[static_cast<std::size_t>((i - j + prime) % prime)];
    return matrix;
}

/// Jacobsthal's matrix with a first row of ones and a first column of the given sign.
at::Tensor bordered(std::int64_t prime, double column)
{
    at::Tensor matrix = at::zeros({prime + 1, prime + 1}, at::kDouble);
    matrix.narrow(0, 0, 1).narrow(1, 1, prime).fill_(1);
    matrix.narrow(0, 1, prime).narrow(1, 0, 1).fill_(column);
    matrix.narrow(0, 1, prime).narrow(1, 1, prime).copy_(jacobsthal(prime));
    return matrix;
}

bool reachesFirst(std::int64_t order)
{
    return order % 4 == 0 && isPrime(order - 1);
}

bool reachesSecond(std::int64_t order)
{
    return order % 4 == 0 && (order / 2 - 1) % 4 == 1 && isPrime(order / 2 - 1);
}

bool isKnownOrder(std::int64_t order)
{
    return order == 1 || order == 2 || reachesFirst(order) || reachesSecond(order);
}

/// result = leftᵀ·right of square matrices whose size is a multiple of kProductWidth, the same for any thread count.
at::Tensor product(const at::Tensor& left, const at::Tensor& right)
{
    const std::int64_t size = left.size(0);
    at::Tensor negative = at::zeros({size, size}, at::kDouble);
    subtractProduct({negative.data_ptr<double>(), size}, {left.const_data_ptr<double>(), size},
                    {right.const_data_ptr<double>(), size}, size, size, size);
    return -negative;
}

/// The orthogonal matrix nearest to a block of FP16 numbers, by Newton's and Schulz's iteration, float64.
at::Tensor polished(const at::Tensor& block)
{
    const std::int64_t order = block.size(0), size = (order + kProductWidth - 1) / kProductWidth * kProductWidth;
    const at::Tensor identity = at::eye(size, at::kDouble);
    at::Tensor matrix = identity.clone();
    matrix.narrow(0, 0, order).narrow(1, 0, order).copy_(block);
    for (int step = 0; step < kPolishSteps; ++step)
        matrix = product(matrix.t().contiguous(), 1.5 * identity - 0.5 * product(matrix, matrix));
    if (!((product(matrix, matrix) - identity).abs().max().item<double>() < 1e-9))
        throw Error::invalid("the stored block of a Hadamard transform is not orthogonal");
    return matrix.narrow(0, 0, order).narrow(1, 0, order).contiguous();
}

/// ±1 for each bit, float64 [n].
at::Tensor unpackSigns(const at::Tensor& packed, std::int64_t n)
{
    at::Tensor signs = at::empty({n}, at::kDouble);
    const auto* bytes = packed.const_data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < n; ++i)
        signs.data_ptr<double>()[i] = (bytes[i / 8] >> (i % 8) & 1) != 0 ? -1 : 1;
    return signs;
}

/// values·H of the Sylvester matrix of a power of two.
void butterflies(double* values, std::int64_t power)
{
    for (std::int64_t half = 1; half < power; half *= 2)
        for (std::int64_t begin = 0; begin < power; begin += 2 * half)
            for (std::int64_t i = begin; i < begin + half; ++i) {
                const double low = values[i], high = values[i + half];
                values[i] = low + high;
                values[i + half] = low - high;
            }
}

/// x·(A ⊗ H)/√power for a few rows x at a time, their equal parts side by side so that A meets them in one product.
class RowTransform {
public:
    RowTransform(const HadamardFactors& factors, const at::Tensor& factor)
        : m_order(factors.order), m_power(factors.power),
          m_batch(std::max<std::int64_t>(kProductWidth / factors.power, 1)), m_factor(-factor.contiguous()),
          m_values(static_cast<std::size_t>(m_order * m_batch * m_power)), m_products(m_values.size())
    {
    }

    std::int64_t batch() const { return m_batch; }

    /// Rows [count, order · power], count ≤ batch, in place.
    void apply(double* rows, std::int64_t count)
    {
        const double scale = 1 / std::sqrt(static_cast<double>(m_power));
        const std::int64_t stride = m_batch * m_power, size = m_order * m_power;
        for (std::int64_t row = 0; row < count; ++row)
            for (std::int64_t part = 0; part < m_order; ++part) {
                double* target = m_values.data() + part * stride + row * m_power;
                std::copy_n(rows + row * size + part * m_power, m_power, target);
                butterflies(target, m_power);
            }
        std::fill(m_products.begin(), m_products.end(), 0.);
        subtractProduct({m_products.data(), stride}, {m_factor.const_data_ptr<double>(), m_order},
                        {m_values.data(), stride}, m_order, stride, m_order);
        for (std::int64_t row = 0; row < count; ++row)
            for (std::int64_t part = 0; part < m_order; ++part)
                for (std::int64_t i = 0; i < m_power; ++i)
                    rows[row * size + part * m_power + i] =
                        scale * m_products[static_cast<std::size_t>(part * stride + row * m_power + i)];
    }

private:
    std::int64_t m_order, m_power, m_batch;
    at::Tensor m_factor; // negative, since products are subtracted
    std::vector<double> m_values, m_products;
};

/// x·(A ⊗ H)/√power of float64 [rows, n], in place.
void transformRows(at::Tensor& x, const HadamardFactors& factors, const at::Tensor& factor)
{
    const std::int64_t rows = x.size(0), size = x.size(1);
    double* values = x.data_ptr<double>();
    const std::int64_t batch = RowTransform(factors, factor).batch();
    at::parallel_for(0, (rows + batch - 1) / batch, 8, [&](std::int64_t begin, std::int64_t end) {
        RowTransform transform(factors, factor);
        for (std::int64_t row = begin * batch; row < std::min(end * batch, rows); row += batch)
            transform.apply(values + row * size, std::min(batch, rows - row));
    });
}

void checkSize(const at::Tensor& x, std::int64_t size)
{
    if (x.size(-1) != size)
        throw Error::invalid("a Hadamard transform is of another size")
            .expected(std::to_string(size) + " channels")
            .found(std::to_string(x.size(-1)));
}

} // namespace

HadamardFactors hadamardFactors(std::int64_t n)
{
    if (n < 1)
        throw Error::invalid("a Hadamard transform needs channels").found(std::to_string(n));
    std::int64_t odd = n;
    while (odd % 2 == 0)
        odd /= 2;
    for (std::int64_t order = odd; n % order == 0 && order <= kLargestOrder; order *= 2)
        if (isKnownOrder(order))
            return {order, n / order, false};
    return {odd, n / odd, true};
}

at::Tensor paleyHadamard(std::int64_t order)
{
    if (order == 1)
        return at::ones({1, 1}, at::kDouble);
    if (order == 2)
        return at::tensor({1., 1., 1., -1.}, at::kDouble).view({2, 2});
    if (reachesFirst(order))
        return bordered(order - 1, -1) + at::eye(order, at::kDouble);
    if (reachesSecond(order))
        return at::kron(bordered(order / 2 - 1, 1), paleyHadamard(2)) +
               at::kron(at::eye(order / 2, at::kDouble), at::tensor({1., -1., -1., -1.}, at::kDouble).view({2, 2}));
    return {};
}

HadamardTransform::HadamardTransform(HadamardFactors factors, at::Tensor signs, at::Tensor block)
    : m_factors(factors), m_packedSigns(std::move(signs)), m_block(std::move(block)),
      m_signs(unpackSigns(m_packedSigns, size())),
      m_factor(factors.dense ? polished(m_block)
                             : paleyHadamard(factors.order) / std::sqrt(static_cast<double>(factors.order)))
{
}

HadamardTransform HadamardTransform::make(std::int64_t n, Random& random)
{
    const HadamardFactors factors = hadamardFactors(n);
    at::Tensor signs = at::zeros({(n + 7) / 8}, at::kByte);
    for (std::int64_t i = 0; i < n; ++i)
        signs.data_ptr<std::uint8_t>()[i / 8] |= static_cast<std::uint8_t>(random.below(2) << (i % 8));
    at::Tensor block;
    if (factors.dense)
        block = randomOrthogonal(factors.order, random).to(at::kHalf);
    return {factors, signs, block};
}

HadamardTransform HadamardTransform::fromStored(std::int64_t n, const at::Tensor& signs, const at::Tensor& block)
{
    const HadamardFactors factors = hadamardFactors(n);
    const std::int64_t bytes = (n + 7) / 8;
    if (signs.scalar_type() != at::kByte || signs.numel() != bytes)
        throw Error::invalid("the stored signs of a Hadamard transform do not fit")
            .expected(std::to_string(bytes) + " bytes for " + std::to_string(n) + " channels")
            .found(std::to_string(signs.numel()));
    const std::int64_t values = factors.dense ? factors.order * factors.order : 0;
    if ((block.defined() ? block.numel() : 0) != values)
        throw Error::invalid("the stored block of a Hadamard transform does not fit")
            .expected(std::to_string(values) + " values for " + std::to_string(n) + " channels")
            .found(std::to_string(block.defined() ? block.numel() : 0));
    return {factors, signs.contiguous(),
            factors.dense ? block.to(at::kHalf).contiguous().view({factors.order, factors.order}) : at::Tensor()};
}

at::Tensor HadamardTransform::apply(const at::Tensor& x) const
{
    checkSize(x, size());
    at::Tensor rows = (x.to(at::kDouble) * m_signs).reshape({-1, size()});
    transformRows(rows, m_factors, m_factor);
    return rows.view(x.sizes()).to(x.scalar_type());
}

at::Tensor HadamardTransform::applyTransposed(const at::Tensor& x) const
{
    checkSize(x, size());
    at::Tensor rows = x.to(at::kDouble, /*non_blocking=*/false, /*copy=*/true).contiguous().view({-1, size()});
    transformRows(rows, m_factors, m_factor.t());
    return (rows.view(x.sizes()) * m_signs).to(x.scalar_type());
}

at::Tensor HadamardTransform::matrix() const
{
    return apply(at::eye(size(), at::kDouble));
}

std::uint64_t HadamardTransform::storedBytes() const
{
    return m_packedSigns.nbytes() + (m_block.defined() ? m_block.nbytes() : 0);
}

} // namespace eigenquant
