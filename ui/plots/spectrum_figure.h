// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"
#include "ui/plots/plot_cursor.h"
#include "ui/plots/plot_theme.h"
#include "ui/state/site_summary.h"

#include <QCoreApplication>
#include <QString>

#include <optional>
#include <vector>

class QCPAxisRect;
class QCPGraph;
class QCPItemRect;
class QCPItemStraightLine;
class QCPItemText;
class QCustomPlot;

namespace eigenquant {

/// All that one spectrum panel shows.
struct SpectrumData {
    SiteId site;
    std::vector<double> eigenvalues; ///< of XᵀX / tokens, falling
    std::vector<double> original;    ///< the model's own channels' energies, falling
    std::vector<double> headWise;    ///< the same under the head-wise rotation; may be empty
    std::vector<double>
        global; ///< under the residual stream's rotation and without the norm's gain, if the plan uses it
    std::optional<int> salient;      ///< K; nothing: no line
    bool keepsTop = true;            ///< the K largest are kept, so the kept part can be shaded
    QString note;                    ///< beside the line
    std::vector<double> compared;    ///< the eigenvalues in other statistics; may be empty
    QString comparedName;            ///< whose these are
};

/// `summary` may be null: then there is no K line.
SpectrumData makeSpectrumData(const SiteStatistics& site, const SiteSummary* summary, double energyShare);
/// "K = 16 · 93.1 % of energy kept · predicted error 0.0032".
QString salientNote(int salient, double energyShare, double predictedError);

struct SpectrumStyle {
    bool logX = false;
    bool logY = true;
    bool cumulative = false;
};

/// One drawn panel; the parts that move with K stay at hand so that a drag needs no redrawing.
class SpectrumPanel {
    Q_DECLARE_TR_FUNCTIONS(eigenquant::SpectrumPanel)

public:
    SpectrumPanel(QCustomPlot& plot, const PlotTheme& theme, int row, int column, const SpectrumData& data,
                  const SpectrumStyle& style, bool withHeading);

    const SiteId& site() const { return m_data.site; }
    int channels() const { return m_channels; }
    QCPAxisRect& rect() const { return *m_rect; }
    bool hasLine() const { return m_line != nullptr; }
    /// Pixels between x and the K line.
    double distanceToLine(double pixelX) const;
    int salientAt(double pixelX) const;
    void setSalient(int salient, const QString& note);
    /// The place of a pixel by falling energy, from 0; -1 beside the curves.
    int rankAt(double pixelX) const;
    /// Marks a rank and says what is there; hides the mark for -1.
    void mark(int rank);
    /// Another layer's eigenvalues as a thin curve, while the pointer is on them; none if empty.
    void setGlance(const std::vector<double>& eigenvalues, const QString& name);
    /// Draws the K line as what the arrow keys move.
    void setFocused(bool focused);

private:
    QString wordsAt(std::size_t rank) const;
    void drawCurves(const PlotTheme& theme, const SpectrumData& data, const SpectrumStyle& style);
    void drawCumulative(const PlotTheme& theme, const SpectrumData& data);
    void drawSalient(const PlotTheme& theme, const SpectrumData& data);

    SpectrumData m_data;
    std::vector<double> m_glance;
    QString m_glanceName;
    PlotTheme m_theme;
    int m_channels = 0;
    double m_lineKey = 0.5;
    QCPAxisRect* m_rect = nullptr;
    QCPItemStraightLine* m_line = nullptr;
    QCPItemRect* m_kept = nullptr;
    QCPItemText* m_note = nullptr;
    QCPGraph* m_glanceGraph = nullptr;
    std::optional<PlotCursor> m_cursor;
};

} // namespace eigenquant
