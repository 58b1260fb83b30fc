package signup

import (
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// tasks writes the boxes of task lists with a name each, which screen readers say.
type tasks struct{}

// Extend implements goldmark.Extender.
func (tasks) Extend(m goldmark.Markdown) {
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(tasks{}, 100))) // before the one it replaces
}

// RegisterFuncs implements renderer.NodeRenderer.
func (tasks) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(east.KindTaskCheckBox, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		box, ok := n.(*east.TaskCheckBox)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		text := `<input type="checkbox" disabled="" aria-label="to do"> `
		if box.IsChecked {
			text = `<input type="checkbox" disabled="" checked="" aria-label="done"> `
		}
		_, err := w.WriteString(text)
		return ast.WalkContinue, err
	})
}
