// A Git server for tests: by https and by ssh, as it should be, and as it should not.
//
//	usage: gitd FOLDER
//
// It serves the repositories below FOLDER, and writes there what a client needs: `authorities.pem` (whom to trust), `known_hosts` (of both
// ways by ssh), `key` (which it takes). Then it prints a line for each port, "NAME PORT", and runs until its standard input ends.
//
//	https     a good certificate; user and password are wanted for paths below /private: any user, password "let-me-in"
//	expired   its certificate has expired
//	elsewhere its certificate is of another host
//	stranger  its certificate is of an authority that nobody knows
//	ssh       a host key as in known_hosts
//	imposter  another host key than is known of it
//	silent    takes connections, and says nothing
//	proxy     leads whoever asks for git.test:443 to https, and nobody anywhere else
//
// The first part of a path may say what goes wrong: /hang/… (nothing comes), /stall/… (the pack stops in the middle), /cut/… (the connection ends there),
// /garbage/… (no Git), /count/… (a pack of four thousand million objects), /size/… (an object that
// says to have a gigabyte, and has five bytes), /length/… (more is announced than comes), /away/… (leads to another host).
package main

import (
	"bytes"
	"compress/zlib"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

var folder string

// The fault that a path asks for, and the path of the repository.
func split(path string) (fault, rest string) {
	for _, fault := range []string{"hang", "stall", "cut", "garbage", "count", "size", "length", "away", "private"} {
		if rest, found := strings.CutPrefix(path, "/"+fault+"/"); found {
			return fault, "/" + rest
		}
	}
	return "", path
}

// ---- certificates ----

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(name string) authority {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))
	return authority{must(x509.ParseCertificate(der)), key}
}

func (a authority) issue(until time.Time, names ...string) tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: names[0]},
		NotBefore: time.Now().Add(-47 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if address := net.ParseIP(name); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der := must(x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// ---- https ----

// Passes on what git says, up to the middle of a pack.
type cutter struct {
	http.ResponseWriter
	left  int
	stall bool
}

func (c *cutter) Write(data []byte) (int, error) {
	if len(data) < c.left {
		c.left -= len(data)
		return c.ResponseWriter.Write(data)
	}
	_, _ = c.ResponseWriter.Write(data[:c.left])
	c.ResponseWriter.(http.Flusher).Flush()
	if c.stall {
		select {}
	}
	panic(http.ErrAbortHandler)
}

// A pack of one blob, which is shorter than its header says.
func lyingPack() []byte {
	const size = 1 << 30
	var pack bytes.Buffer
	pack.WriteString("PACK\x00\x00\x00\x02\x00\x00\x00\x01")
	pack.WriteByte(0x80 | 3<<4 | size&15)
	rest := size >> 4
	for ; rest >= 0x80; rest >>= 7 {
		pack.WriteByte(byte(0x80 | rest&0x7f))
	}
	pack.WriteByte(byte(rest))
	deflated := zlib.NewWriter(&pack)
	_, _ = deflated.Write([]byte("hello"))
	check(deflated.Close())
	sum := sha1.Sum(pack.Bytes())
	return append(pack.Bytes(), sum[:]...)
}

func packet(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }

var gitd http.Handler

func serve(response http.ResponseWriter, request *http.Request) {
	fault, path := split(request.URL.Path)
	pack := strings.HasSuffix(path, "/git-upload-pack")
	switch {
	case fault == "private":
		if _, password, _ := request.BasicAuth(); password != "let-me-in" {
			response.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(response, "who are you?", http.StatusUnauthorized)
			return
		}
	case fault == "hang":
		select {}
	case fault == "garbage":
		response.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		_, _ = response.Write(bytes.Repeat([]byte("\x1b[2Jnothing of Git\n"), 1000))
		return
	case fault == "away":
		host := strings.Replace(request.Host, "localhost", "127.0.0.1", 1)
		http.Redirect(response, request, "https://"+host+path+"?"+request.URL.RawQuery, http.StatusMovedPermanently)
		return
	case fault == "length" && pack:
		response.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		response.Header().Set("Content-Length", "100000")
		_, _ = response.Write([]byte(packet("NAK\n")))
		response.(http.Flusher).Flush()
		select {}
	case fault == "count" && pack:
		response.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		_, _ = response.Write([]byte(packet("NAK\n") + packet("\x01PACK\x00\x00\x00\x02\xff\xff\xff\xff") + "0000"))
		return
	case fault == "size" && pack:
		response.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		_, _ = response.Write([]byte(packet("NAK\n") + packet("\x01"+string(lyingPack())) + "0000"))
		return
	case (fault == "stall" || fault == "cut") && pack:
		response = &cutter{response, 100, fault == "stall"}
	}
	request.URL.Path = path
	gitd.ServeHTTP(response, request)
}

func listen() (net.Listener, int) {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	return listener, listener.Addr().(*net.TCPAddr).Port
}

func serveTLS(name string, certificate tls.Certificate) int {
	listener, port := listen()
	server := &http.Server{
		Handler:   http.HandlerFunc(serve),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	go func() { check(server.ServeTLS(listener, "", "")) }()
	fmt.Println(name, port)
	return port
}

func serveProxy(port int) {
	listener, own := listen()
	handler := func(response http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodConnect || request.Host != "git.test:443" {
			http.Error(response, "only git.test", http.StatusForbidden)
			return
		}
		server := must(net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)))
		client, _, err := response.(http.Hijacker).Hijack()
		check(err)
		_, _ = client.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n"))
		go func() { _, _ = io.Copy(server, client) }()
		_, _ = io.Copy(client, server)
	}
	go func() { check(http.Serve(listener, http.HandlerFunc(handler))) }()
	fmt.Println("proxy", own)
}

// ---- ssh ----

func hostKey() ssh.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	return must(ssh.NewSignerFromKey(key))
}

func run(channel ssh.Channel, command string) {
	path, found := strings.CutPrefix(command, "git-upload-pack '")
	fault, path := split(strings.TrimSuffix(path, "'"))
	status := struct{ Status uint32 }{1}
	if fault == "hang" || !found {
		select {}
	}
	process := exec.Command("git", "upload-pack", filepath.Join(folder, path))
	process.Stdout, process.Stderr = channel, channel.Stderr()
	input := must(process.StdinPipe())
	go func() {
		_, _ = io.Copy(input, channel)
		_ = input.Close()
	}()
	if process.Run() == nil {
		status.Status = 0
	}
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(&status))
	_ = channel.Close()
}

func session(channel ssh.Channel, requests <-chan *ssh.Request) {
	for request := range requests {
		var command struct{ Text string }
		isExec := request.Type == "exec" && ssh.Unmarshal(request.Payload, &command) == nil
		_ = request.Reply(isExec, nil)
		if isExec {
			go run(channel, command.Text)
		}
	}
}

func converse(connection net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(connection, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for channel := range channels {
		accepted, requests, err := channel.Accept()
		if err == nil {
			go session(accepted, requests)
		}
	}
}

// Returns the line of known_hosts for it, if it had that key.
func serveSSH(name string, host, known ssh.Signer, client ssh.PublicKey) string {
	listener, port := listen()
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if !bytes.Equal(key.Marshal(), client.Marshal()) {
				return nil, fmt.Errorf("an unknown key")
			}
			return nil, nil
		},
	}
	config.AddHostKey(host)
	go func() {
		for {
			connection, err := listener.Accept()
			check(err)
			go converse(connection, config)
		}
	}()
	fmt.Println(name, port)
	return fmt.Sprintf("[127.0.0.1]:%d %s", port, ssh.MarshalAuthorizedKey(known.PublicKey()))
}

func serveSilence() {
	listener, port := listen()
	go func() {
		for {
			must(listener.Accept())
		}
	}()
	fmt.Println("silent", port)
}

// ---- all of it ----

func write(name string, data []byte) {
	check(os.WriteFile(filepath.Join(folder, name), data, 0o600))
}

func clientKey() ssh.PublicKey {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	write("key", pem.EncodeToMemory(must(ssh.MarshalPrivateKey(private, ""))))
	return must(ssh.NewPublicKey(public))
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: gitd FOLDER")
	}
	folder = must(filepath.Abs(os.Args[1]))
	programs := strings.TrimSpace(string(must(exec.Command("git", "--exec-path").Output())))
	gitd = &cgi.Handler{
		Path:   filepath.Join(programs, "git-http-backend"),
		Env:    []string{"GIT_PROJECT_ROOT=" + folder, "GIT_HTTP_EXPORT_ALL=1"},
		Stderr: io.Discard,
	}
	known, unknown := newAuthority("known"), newAuthority("unknown")
	write("authorities.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: known.certificate.Raw}))
	soon := time.Now().Add(24 * time.Hour)
	serveProxy(serveTLS("https", known.issue(soon, "localhost", "127.0.0.1", "git.test")))
	serveTLS("expired", known.issue(time.Now().Add(-24*time.Hour), "localhost", "127.0.0.1"))
	serveTLS("elsewhere", known.issue(soon, "git.example.com"))
	serveTLS("stranger", unknown.issue(soon, "localhost", "127.0.0.1"))
	host, imposter, client := hostKey(), hostKey(), clientKey()
	hosts := serveSSH("ssh", host, host, client) + serveSSH("imposter", imposter, host, client)
	write("known_hosts", []byte(hosts))
	serveSilence()
	fmt.Println("ready 0")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
