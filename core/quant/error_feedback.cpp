// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/gptq.h"

#include "core/base/error.h"
#include "core/quant/subtract_product.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/linalg_cholesky_ex.h>
#include <ATen/ops/linalg_solve_triangular.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace eigenquant {
namespace {

constexpr double kFirstDamping = 0.01; // where none was asked for and it takes some
constexpr double kMostDamping = 1;

// Channels that are eliminated together; the sizes of all products are multiples of it.
constexpr std::int64_t kBlock = 64;
static_assert(kBlock % kProductWidth == 0);

/// Finds U and D of U·M'·Uᵀ = D without an inverse: Gauss's elimination from the last channel up. Adding multiples
/// of row j to the rows above clears column j above the diagonal; the multiples, added up, are U. They take the
/// places of what they clear, so that one matrix holds M' becoming lower triangular and U growing.
class Elimination {
public:
    Elimination(const at::Tensor& moment, double added)
        : m_channels(moment.size(0)), m_size((m_channels + kBlock - 1) / kBlock * kBlock),
          m_matrix(at::eye(m_size, at::kDouble)), m_variance(at::empty({m_size}, at::kDouble))
    {
        m_matrix.narrow(0, 0, m_channels).narrow(1, 0, m_channels).copy_(moment);
        m_matrix.diagonal().narrow(0, 0, m_channels).add_(added);
        // A pivot that is nothing but rounding error would give feedback that is nothing but noise.
        m_noise = static_cast<double>(m_channels) * std::numeric_limits<double>::epsilon() *
                  m_matrix.diagonal().narrow(0, 0, m_channels).max().item<double>();
        m_rows = {m_matrix.data_ptr<double>(), m_size};
    }

    /// False if the matrix is not positive definite, to working precision.
    bool run()
    {
        for (std::int64_t begin = m_size - kBlock; begin >= 0; begin -= kBlock) {
            if (!eliminateWithin(begin))
                return false;
            eliminateAbove(begin);
        }
        return true;
    }

    /// Below the diagonal there is still what M' became.
    at::Tensor upper() const { return m_matrix.narrow(0, 0, m_channels).narrow(1, 0, m_channels).triu().contiguous(); }
    at::Tensor variance() const { return m_variance.narrow(0, 0, m_channels).clone(); }

private:
    /// The rows of a block among themselves, all columns of them; then its own square is U's.
    bool eliminateWithin(std::int64_t begin)
    {
        const std::int64_t end = begin + kBlock;
        double* variance = m_variance.data_ptr<double>();
        for (std::int64_t j = end - 1; j >= begin; --j) {
            const double* pivot = m_rows.row(j);
            variance[j] = pivot[j];
            if (!(pivot[j] > m_noise) && j < m_channels)
                return false;
            for (std::int64_t i = begin; i < j; ++i) {
                double* row = m_rows.row(i);
                const double multiple = row[j] / variance[j];
                for (std::int64_t k = 0; k < m_size; ++k)
                    row[k] -= multiple * pivot[k];
                row[j] = -multiple;
            }
        }
        for (std::int64_t j = begin; j < end; ++j) {
            std::fill(m_rows.row(j) + begin, m_rows.row(j) + j, 0.);
            m_rows.row(j)[j] = 1;
        }
        return true;
    }

    /// The rows above a block. What is left of M' is symmetric, so that the multiples are the block's own rows over
    /// their pivots; the same symmetry spares the part of M' right of each row's block.
    void eliminateAbove(std::int64_t begin)
    {
        const at::Tensor multiples = at::empty({kBlock, begin}, at::kDouble);
        double* multiple = multiples.data_ptr<double>();
        for (std::int64_t p = 0; p < kBlock; ++p)
            for (std::int64_t r = 0; r < begin; ++r)
                multiple[p * begin + r] = m_rows.row(begin + p)[r] / m_variance.const_data_ptr<double>()[begin + p];
        at::parallel_for(0, begin / kBlock, 1, [&](std::int64_t firstBlock, std::int64_t lastBlock) {
            for (std::int64_t first = firstBlock * kBlock; first < lastBlock * kBlock; first += kBlock) {
                for (std::int64_t r = first; r < first + kBlock; ++r)
                    std::fill(m_rows.row(r) + begin, m_rows.row(r) + begin + kBlock, 0.);
                const Rows<const double> left{multiple + first, begin};
                const Rows<const double> pivots{m_rows.row(begin), m_size};
                subtractProduct({m_rows.row(first), m_size}, left, pivots, kBlock, first + kBlock, kBlock);
                subtractProduct({m_rows.row(first) + begin, m_size}, left, {pivots.data + begin, m_size}, kBlock,
                                m_size - begin, kBlock);
            }
        });
    }

    std::int64_t m_channels, m_size; ///< the size is a whole number of blocks: further channels stand alone
    at::Tensor m_matrix, m_variance;
    double m_noise;
    Rows<double> m_rows;
};

/// In one order, whatever the number of threads.
double meanDiagonal(const at::Tensor& moment)
{
    const at::Tensor diagonal = moment.diagonal().cpu().contiguous();
    const double* values = diagonal.const_data_ptr<double>();
    double sum = 0;
    for (std::int64_t j = 0; j < diagonal.numel(); ++j)
        sum += values[j];
    return sum / static_cast<double>(std::max<std::int64_t>(diagonal.numel(), 1));
}

/// Nothing if M + added·I is not positive definite, to working precision; as the following.
std::optional<ErrorFeedback> eliminated(const at::Tensor& moment, double added)
{
    Elimination elimination(moment, added);
    if (!elimination.run())
        return std::nullopt;
    return ErrorFeedback{elimination.upper(), elimination.variance()};
}

/// With the channels in falling order a lower factor is an upper one: P·M'·P = LLᵀ, so that V is P·L·P with its columns
/// divided by their diagonal, and U its inverse.
std::optional<ErrorFeedback> factorized(const at::Tensor& moment, double added)
{
    at::Tensor falling = moment.flip({0, 1});
    falling.diagonal().add_(added);
    const double noise = static_cast<double>(moment.size(0)) * std::numeric_limits<double>::epsilon() *
                         falling.diagonal().max().item<double>();
    const auto [factor, info] = at::linalg_cholesky_ex(falling);
    const at::Tensor roots = factor.diagonal();
    if (info.item<int>() != 0 || !(roots.square().min().item<double>() > noise))
        return std::nullopt;
    const at::Tensor upper = at::linalg_solve_triangular(factor / roots, at::eye(moment.size(0), moment.options()),
                                                         /*upper=*/false, /*left=*/true, /*unitriangular=*/true);
    return ErrorFeedback{upper.flip({0, 1}).triu_().cpu().contiguous(), roots.square().flip(0).cpu().contiguous()};
}

template <class Factorize>
ErrorFeedback dampedFeedback(const at::Tensor& moment, double damping, const Factorize& factorize)
{
    if (!moment.isfinite().all().item<bool>() || moment.diagonal().lt(0).any().item<bool>())
        throw Error::invalid("a second moment has entries that no activations have")
            .found("a number that is not finite, or a negative square")
            .hint("analyze the model again");
    const std::int64_t channels = moment.size(0);
    const double mean = meanDiagonal(moment);
    if (mean == 0)
        return {at::eye(channels, at::kDouble), at::zeros({channels}, at::kDouble), damping};
    for (double share = damping;; share = std::min(share > 0 ? 10 * share : kFirstDamping, kMostDamping)) {
        if (std::optional<ErrorFeedback> feedback = factorize(moment, share * mean)) {
            feedback->damping = share;
            return *std::move(feedback);
        }
        if (share >= kMostDamping)
            throw Error::invalid("a second moment is not positive definite")
                .expected("XᵀX of some activations")
                .found("none even with its mean diagonal added to it")
                .hint("analyze the model again");
    }
}

} // namespace

ErrorFeedback errorFeedback(const at::Tensor& moment, double damping)
{
    return moment.is_cuda() ? choleskyFeedback(moment, damping) : dampedFeedback(moment, damping, eliminated);
}

ErrorFeedback choleskyFeedback(const at::Tensor& moment, double damping)
{
    return dampedFeedback(moment, damping, factorized);
}

} // namespace eigenquant
