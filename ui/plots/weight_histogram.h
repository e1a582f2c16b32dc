// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/weight_ranges.h"
#include "ui/plots/plot_view.h"

#include <memory>

namespace eigenquant {

/// How many weights of a linear have which value: as they are, in the basis they are rounded in, and as they are
/// stored.
class WeightHistogram : public PlotView {
    Q_OBJECT

public:
    explicit WeightHistogram(QWidget* parent = nullptr);

    /// Null: `message` says why there is nothing to see.
    void setRanges(std::shared_ptr<const WeightRanges> ranges, const QString& message = {});
    TableData table() const override;

protected:
    void draw(const PlotTheme& theme) override;

private:
    std::shared_ptr<const WeightRanges> m_ranges;
    QString m_message;
};

} // namespace eigenquant
