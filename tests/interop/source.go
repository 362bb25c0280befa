// Reads nats-server's source, and prints what natsform's rows are compared with, a line each, its words apart by tabs:
//
//	field   CONFIG.KEY          a JSON key of StreamConfig or ConsumerConfig, or of a structure below: "StreamConfig.mirror.name"
//	choice  CONFIG.KEY WORD...  what a key takes that takes words only
//	option  WHERE WORD...       words that mean the same to the parser of configurations, and where it looks for them
//
// WHERE is a function, then the first of the words that it was at already, each after a slash, then the type that a value has there
// after a colon, and "[]" for words that it looks up rather than compares: "parseTLS/verify:string".
//
// usage: source DIRECTORY
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Beside the functions of opts.go whose names begin like that.
var parserPrefixes = []string{"parse", "processConfigFileLine", "setJetStream"}
var parsers = []string{"parseOCSPPeer", "parseOCSPResponseCache", "validateAndNormalizeCompressionOption",
	"tlsVersionFromString"}

var (
	words     = map[string]string{}          // of constants and variables, by their names
	tables    = map[string][]string{}        // the keys of maps, by their names
	structs   = map[string]*ast.StructType{} // by their names
	functions = map[string]*ast.FuncDecl{}   // the parsers, by their names
	readers   = map[string]*ast.FuncDecl{}   // UnmarshalJSON, by their types
)

func main() {
	if len(os.Args) != 2 {
		fail("usage: source DIRECTORY")
	}
	paths, _ := filepath.Glob(filepath.Join(os.Args[1], "*.go"))
	if len(paths) == 0 {
		fail("no source in " + os.Args[1])
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			fail(err.Error())
		}
		for _, decl := range file.Decls {
			collect(decl, filepath.Base(path))
		}
	}
	for _, name := range []string{"StreamConfig", "ConsumerConfig"} {
		printStruct(name, name)
	}
	for _, name := range sorted(functions) {
		walk(functions[name].Body, name)
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, "source: "+why)
	os.Exit(1)
}

func say(kind, where string, words ...string) {
	fmt.Println(strings.Join(append([]string{kind, where}, words...), "\t"))
}

func sorted[V any](m map[string]V) []string {
	names := []string{}
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// --- what there is

func collect(decl ast.Decl, file string) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		name := decl.Name.Name
		if decl.Recv != nil && name == "UnmarshalJSON" {
			readers[typeName(decl.Recv.List[0].Type)] = decl
		} else if isParser(name, file) {
			functions[name] = decl
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if fields, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = fields
				}
			case *ast.ValueSpec:
				for i, value := range spec.Values {
					if word, ok := wordOf(value); ok {
						words[spec.Names[i].Name] = word
					} else if keys := keysOf(value); keys != nil {
						tables[spec.Names[i].Name] = keys
					}
				}
			}
		}
	}
}

func isParser(name, file string) bool {
	begins := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	return slices.Contains(parsers, name) || file == "opts.go" && slices.ContainsFunc(parserPrefixes, begins)
}

// Of a literal, or of a constant whose literal was seen.
func wordOf(node ast.Expr) (string, bool) {
	switch node := node.(type) {
	case *ast.BasicLit:
		if node.Kind == token.STRING {
			word, err := strconv.Unquote(node.Value)
			return word, err == nil
		}
	case *ast.Ident:
		word, ok := words[node.Name]
		return word, ok
	}
	return "", false
}

func keysOf(value ast.Expr) []string {
	literal, ok := value.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	if _, ok := literal.Type.(*ast.MapType); !ok {
		return nil
	}
	var keys []string
	for _, element := range literal.Elts {
		if key, ok := wordOf(element.(*ast.KeyValueExpr).Key); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

// --- structures

// Of what a pointer or a list is of.
func typeName(node ast.Expr) string {
	switch node := node.(type) {
	case *ast.Ident:
		return node.Name
	case *ast.StarExpr:
		return typeName(node.X)
	case *ast.ArrayType:
		return typeName(node.Elt)
	}
	return ""
}

func printStruct(name, where string) {
	for _, field := range structs[name].Fields.List {
		of := typeName(field.Type)
		if len(field.Names) == 0 && field.Tag == nil {
			printStruct(of, where)
			continue
		}
		key := jsonKey(field)
		if key == "" {
			continue
		}
		below := where + "." + key
		say("field", below)
		if structs[of] != nil {
			printStruct(of, below)
		} else if readers[of] != nil {
			printChoices(readers[of], below)
		}
	}
}

func jsonKey(field *ast.Field) string {
	if field.Tag == nil || !field.Names[0].IsExported() {
		return ""
	}
	tag, _ := strconv.Unquote(field.Tag.Value)
	key, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	return strings.TrimPrefix(key, "-")
}

func printChoices(reader *ast.FuncDecl, where string) {
	choices := []string{}
	ast.Inspect(reader.Body, func(node ast.Node) bool {
		if clause, ok := node.(*ast.CaseClause); ok {
			choices = append(choices, clauseWords(clause)...)
		}
		return true
	})
	say("choice", where, choices...)
}

// --- configurations

// The words that a case is for, without the quotes of JSON.
func clauseWords(clause *ast.CaseClause) []string {
	found := []string{}
	add := func(word string) {
		if word = strings.Trim(word, `"`); word != "" {
			found = append(found, word)
		}
	}
	for _, value := range clause.List {
		if word, ok := wordOf(value); ok {
			add(word)
		} else if word, ok := comparedWord(value); ok {
			add(word)
		}
	}
	return found
}

// Of `strings.EqualFold(x, "word")` and `x == "word"`.
func comparedWord(node ast.Node) (string, bool) {
	switch node := node.(type) {
	case *ast.CallExpr:
		if called, ok := node.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "EqualFold" {
			return wordOf(node.Args[1])
		}
	case *ast.BinaryExpr:
		if literal, ok := node.Y.(*ast.BasicLit); ok && node.Op == token.EQL {
			return wordOf(literal)
		}
	}
	return "", false
}

// Of `m["word"]`, or all that a table has.
func lookedUpWords(index *ast.IndexExpr) []string {
	if of, ok := index.X.(*ast.Ident); ok && tables[of.Name] != nil {
		return tables[of.Name]
	}
	if literal, ok := index.Index.(*ast.BasicLit); ok {
		if word, ok := wordOf(literal); ok {
			return []string{word}
		}
	}
	return nil
}

// A switch by the type of a value, or by words; or a look-up in the head of an if, whose body belongs to the word. Anything else is
// looked into where it stands.
func walk(node ast.Node, where string) {
	ast.Inspect(node, func(at ast.Node) bool {
		switch at := at.(type) {
		case *ast.TypeSwitchStmt:
			for _, stmt := range at.Body.List {
				clause := stmt.(*ast.CaseClause)
				below := where
				if len(clause.List) > 0 {
					below += ":" + types.ExprString(clause.List[0])
				}
				walkAll(clause.Body, below)
			}
			return false
		case *ast.SwitchStmt:
			for _, stmt := range at.Body.List {
				clause := stmt.(*ast.CaseClause)
				below := where
				if found := clauseWords(clause); len(found) > 0 {
					say("option", where, found...)
					below += "/" + found[0]
				}
				walkAll(clause.Body, below)
			}
			return false
		case *ast.IfStmt:
			if word := headWord(at); word != "" {
				say("option", where+"[]", word)
				walk(at.Body, where+"/"+word)
				return false
			}
		case *ast.IndexExpr:
			for _, word := range lookedUpWords(at) {
				say("option", where+"[]", word)
			}
		case ast.Expr:
			if word, ok := comparedWord(at); ok && word != "" {
				say("option", where, word)
			}
		}
		return true
	})
}

func walkAll(list []ast.Stmt, where string) {
	for _, stmt := range list {
		walk(stmt, where)
	}
}

// Of `if v, ok := m["word"]; ok`.
func headWord(at *ast.IfStmt) string {
	if assign, ok := at.Init.(*ast.AssignStmt); ok {
		if index, ok := assign.Rhs[0].(*ast.IndexExpr); ok {
			if literal, ok := index.Index.(*ast.BasicLit); ok {
				word, _ := wordOf(literal)
				return word
			}
		}
	}
	return ""
}
