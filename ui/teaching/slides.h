// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of the lesson, in their order.
#pragma once

#include "core/results/activation_sample.h"
#include "ui/plots/kept_plot.h"
#include "ui/plots/remaining_plot.h"
#include "ui/state/workspace.h"
#include "ui/teaching/slide.h"

#include <memory>
#include <optional>

class QLabel;
class QPushButton;
class QSpinBox;
class QTimer;

namespace eigenquant {

class ChannelPlot;
class EnergyPlot;
class GridPlot;
class PlanePlot;

/// What quantization error is: one group of weights on a grid of which bits and outlier can be chosen.
class GridSlide : public Slide {
    Q_OBJECT

public:
    explicit GridSlide(QWidget* parent = nullptr);
    QString stepTitle() const override { return tr("Rounding to a grid"); }

private:
    void show();

    GridPlot* m_plot;
    QSlider* m_bits;
    QSlider* m_outlier;
};

/// The strong channels of a site of the open model, and why they make rounding worse.
class ChannelsSlide : public Slide {
    Q_OBJECT

public:
    explicit ChannelsSlide(Workspace& workspace, QWidget* parent = nullptr);
    QString stepTitle() const override { return tr("Outlier channels"); }

private:
    void show();
    void chooseMostUneven();

    Workspace& m_workspace;
    ChannelPlot* m_plot;
};

/// Two channels of the site, token by token, with axes that turn.
class PlaneSlide : public Slide {
    Q_OBJECT

public:
    explicit PlaneSlide(Workspace& workspace, QWidget* parent = nullptr);
    QString stepTitle() const override { return tr("Two channels, turned"); }
    void shown() override;

private:
    void readTokens();
    void takeSample(std::shared_ptr<const ActivationSample> sample);
    void showPair();
    void show();
    void turn();
    bool canRead() const;
    double radians() const;

    Workspace& m_workspace;
    PlanePlot* m_plot;
    std::shared_ptr<const ActivationSample> m_sample; ///< null: a made-up cloud is shown
    QString m_failure;
    QSlider* m_angle;
    QSpinBox* m_first;
    QSpinBox* m_second;
    QPushButton* m_play;
    QPushButton* m_read;
    QTimer* m_clock;
};

/// The same with all channels of the site: the energies before and after.
class RotatedSlide : public Slide {
    Q_OBJECT

public:
    explicit RotatedSlide(Workspace& workspace, QWidget* parent = nullptr);
    QString stepTitle() const override { return tr("The whole site, turned"); }

private:
    void show();

    Workspace& m_workspace;
    EnergyPlot* m_plot;
    QSlider* m_share;
};

/// Which dimensions to keep: the perplexity that each choice costs, measured on the open model on request.
class KeptSlide : public Slide {
    Q_OBJECT

public:
    explicit KeptSlide(Workspace& workspace, QWidget* parent = nullptr);
    QString stepTitle() const override { return tr("Which dimensions to keep"); }
    /// Quantizes and scores each choice on the check text, in a folder that goes away again.
    void measure();

signals:
    /// `message` says why nothing was measured; empty: all was.
    void measured(const QString& message);

private:
    void show();
    void addRow(const ComparisonRow& row);
    void end(const QString& message, bool cancelled);
    bool canMeasure() const;

    Workspace& m_workspace;
    KeptPlot* m_plot;
    QSpinBox* m_bits;
    QSpinBox* m_windows;
    QPushButton* m_measure;
    QPushButton* m_cancel;
    QLabel* m_state;
    std::optional<std::uint64_t> m_job;
    std::vector<KeptRow> m_rows; ///< measured here
    double m_reference = 0;
    QString m_origin;            ///< model, text and settings of what is shown
};

/// K, bits and what remains of the error.
class RemainingSlide : public Slide {
    Q_OBJECT

public:
    explicit RemainingSlide(Workspace& workspace, QWidget* parent = nullptr);
    QString stepTitle() const override { return tr("K, bits and what remains"); }
    void shown() override { computeIfStale(); }

private:
    void computeIfStale();
    void show();

    Workspace& m_workspace;
    RemainingPlot* m_plot;
    QSlider* m_share;
    std::shared_ptr<const ModelStatistics> m_statistics; ///< that the curves were computed from
    SiteId m_site;
    std::vector<RemainingCurve> m_curves; ///< a point for each value of the slider
};

/// All slides in their order; the caller owns them.
std::vector<Slide*> makeSlides(Workspace& workspace);

/// The share of the channels that a slider of 0 to 64 stands for: its value / 128.
SalientBudget sliderBudget(int value);
QString sliderShare(int value);

} // namespace eigenquant
