// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/plots/plot_cursor.h"
#include "ui/plots/plot_view.h"

#include <optional>
#include <vector>

class QCPAxisRect;

namespace eigenquant {

/// One site's channels beside its rotated dimensions, by one measure.
struct OutlierSeries {
    SiteId site;
    std::vector<double> original;
    std::vector<double> rotated;
    QString whyNotOriginal; ///< said in the panel where there are no values
    QString whyNotRotated;
};

/// A measure of each channel in the model's own basis, beside that of each dimension after the rotation, on one scale;
/// the strongest channels are marked and named. One row of two panels a site.
class OutlierPlot : public PlotView {
    Q_OBJECT

public:
    explicit OutlierPlot(QWidget* parent = nullptr);

    /// The sites' root mean squares.
    void setSites(const std::vector<SiteStatistics>& sites, int labelled);
    /// `measure` is the label of the axis, `name` the word in the table's headings.
    void setSeries(std::vector<OutlierSeries> sites, const QString& measure, const QString& name, int labelled);
    void setLogarithmic(bool logarithmic);
    /// Names this channel as if it were one of the strongest; -1: none.
    void setHighlight(int channel);
    TableData table() const override;

signals:
    void channelClicked(int channel);

protected:
    void draw(const PlotTheme& theme) override;
    Pointed under(const QPointF& position) const override;
    void mark(const Pointed& pointed) override;

private:
    /// One row's two panels with what marks a place in them.
    struct Row {
        PlotCursor original, rotated;
    };

    void drawRow(const PlotTheme& theme, int row, const OutlierSeries& site);
    void drawMagnitudes(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& values, int series);
    void labelOutliers(const PlotTheme& theme, QCPAxisRect& rect, const std::vector<double>& values);
    void writeInto(const PlotTheme& theme, QCPAxisRect& rect, const QString& message);
    void pickChannel(const QPointF& position);

    std::vector<OutlierSeries> m_sites;
    std::vector<Row> m_rows;
    QString m_measure;
    QString m_name;
    int m_labelled = 5;
    int m_highlight = -1;
    bool m_logarithmic = false;
};

} // namespace eigenquant
