// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/activation_maps.h"
#include "ui/plots/plot_cursor.h"
#include "ui/plots/plot_view.h"

#include <memory>
#include <vector>

class QCPAxisRect;

namespace eigenquant {

/// Tokens × channels of a sample of text: the magnitude of each activation as it is, beside the same activations
/// rotated, in one scale of colours. Wide sites are drawn with several channels a column, each by its largest
/// magnitude.
class TokenMapPlot : public PlotView {
    Q_OBJECT

public:
    explicit TokenMapPlot(QWidget* parent = nullptr);

    /// Null: `message` says why there is nothing to see.
    void setMaps(std::shared_ptr<const ActivationMaps> maps, const QString& message = {});
    /// Colours by the logarithm of the magnitude, three decades of it; else by the magnitude itself.
    void setLogarithmic(bool logarithmic);
    TableData table() const override;

signals:
    void channelClicked(int channel);

protected:
    void draw(const PlotTheme& theme) override;
    Pointed under(const QPointF& position) const override;
    void mark(const Pointed& pointed) override;

private:
    /// One space's map.
    struct Panel {
        bool isRotated = false;
        QCPAxisRect* rect = nullptr;
        PlotCursor token, channel;
    };

    void drawPanel(const PlotTheme& theme, bool isRotated, double largest);
    const std::vector<float>& valuesOf(bool isRotated) const;
    QString wordsAt(bool isRotated, int token, int channel) const;

    std::shared_ptr<const ActivationMaps> m_maps;
    QString m_message;
    std::vector<Panel> m_panels;
    bool m_logarithmic = true;
};

/// The largest magnitude in each of `bins` equal stretches of a row of values.
std::vector<double> largestMagnitudes(const float* values, int count, int bins);

} // namespace eigenquant
